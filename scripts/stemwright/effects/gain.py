"""Gain: every sample times a constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.effects._base import Effect
from stemwright.levels import amplitude
from stemwright.spec.keys import Key


@dataclass(frozen=True)
class Gain(Effect):
    """Change the level."""

    gain_db: Annotated[float, Key("Change of level.", "dB", ge=-60, le=60)]

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        factor = amplitude(self.gain_db)
        for block in blocks:
            yield block * factor
