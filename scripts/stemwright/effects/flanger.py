"""A flanger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.effects._lfo import Feedback
from stemwright.effects._modulated_delay import ModulatedDelay
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Flanger(ModulatedDelay):
    """A flanger: adds a copy with a short delay that an LFO moves: a comb filter that sweeps. Give either length or
    rate_hz.
    """

    example = "{length: 4 bars, shape: triangle, delay_ms: 2.5, depth_ms: 2, feedback: 0.5}"

    delay_ms: Annotated[
        float, Field("Delay in the middle of a cycle.", "ms", ge=0.1, le=20, automatable=True)
    ] = 2.5
    feedback: Feedback = 0.5
