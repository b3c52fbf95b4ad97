"""A reverb (pedalboard's, which is Freeverb)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from stemwright.audio import Stream
from stemwright.effects import _pedalboard
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_HEADROOM = 2.0**16


@dataclass(frozen=True)
class Reverb(Effect):
    """A reverb: the sound of a room."""

    example = "{room_size: 0.7, wet_level: 0.2, dry_level: 0.45}"
    adds_frequencies = False
    sum_law = "linear"

    room_size: Annotated[float, Field("Size of the room.", ge=0, le=1)] = 0.5
    damping: Annotated[float, Field("How fast high frequencies decay.", ge=0, le=1)] = 0.5
    wet_level: Annotated[float, Field("Level of the reverb.", ge=0, le=1)] = 0.33
    dry_level: Annotated[
        float, Field("Level of the direct sound: 0.5 leaves it unchanged, 1 is 6 dB more.", ge=0, le=1)
    ] = 0.4
    width: Annotated[float, Field("Stereo width of the reverb.", ge=0, le=1)] = 1.0

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        import pedalboard

        # JUCE rounds what circulates in its filters to multiples of about 1e-8, against denormals. At a level that is
        # higher by 2^16, which binary numbers hold exactly, these errors lie below those of 32-bit floats.
        louder = (block * _HEADROOM for block in blocks)
        wet = _pedalboard.run_plugin(pedalboard.Reverb(**asdict(self)), louder, context)
        return (block / _HEADROOM for block in wet)
