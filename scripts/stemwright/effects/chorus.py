"""A chorus."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.effects._lfo import Spread
from stemwright.effects._modulated_delay import ModulatedDelay


@dataclass(frozen=True)
class Chorus(ModulatedDelay):
    """A chorus: adds a copy whose delay, and so its pitch, an LFO moves. Give either length or rate_hz."""

    example = "{rate_hz: 0.8, delay_ms: 12, depth_ms: 2}"

    spread: Spread = 0.25
