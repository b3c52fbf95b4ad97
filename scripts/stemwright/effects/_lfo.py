"""The base of effects that a low-frequency oscillator moves, and keys that several of them have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from stemwright.effects._base import Effect
from stemwright.music.lfo import Oscillator
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

Sweep = Annotated[Literal["sine", "triangle"], Field("Both begin in the middle and rise.")]
"""The shapes of an LFO that moves a pitch or a frequency, which must not jump."""

Spread = Annotated[
    float,
    Field(
        "How much later in the cycle the right channel is: 0.5 is the opposite.", ge=0, le=1, automatable=True
    ),
]
Feedback = Annotated[
    float, Field("Level of its output that is fed back into it.", ge=-0.95, le=0.95, automatable=True)
]
Mix = Annotated[
    float, Field("Dry/wet mix: 0 is the direct sound only, 1 the effect only.", ge=0, le=1, automatable=True)
]


@dataclass(frozen=True)
class LfoEffect(Oscillator, Effect):
    """Base of an effect that an LFO moves, the same as that of an automation. Give either length or rate_hz."""

    @property
    def needs_timeline(self) -> bool:
        return super().needs_timeline or self.is_musical

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from super().problems(context)
        if problem := self.speed_problem(context):
            yield ("length",), problem
