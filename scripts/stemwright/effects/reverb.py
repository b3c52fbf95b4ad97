"""Reverb (pedalboard's, which is Freeverb)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.spec.keys import Key


@dataclass(frozen=True)
class Reverb(Effect):
    """Put the stem in a room."""

    room_size: Annotated[float, Key("Size of the room.", ge=0, le=1)] = 0.5
    damping: Annotated[float, Key("How fast the high frequencies die.", ge=0, le=1)] = 0.5
    wet_level: Annotated[float, Key("Level of the room.", ge=0, le=1)] = 0.33
    dry_level: Annotated[
        float, Key("Level of the direct sound: 0.5 leaves it as it is, 1 is 6 dB more.", ge=0, le=1)
    ] = 0.4
    width: Annotated[float, Key("Stereo width of the room.", ge=0, le=1)] = 1.0

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        import pedalboard

        return _pedalboard.stream(pedalboard.Reverb(**asdict(self)), blocks, canvas)
