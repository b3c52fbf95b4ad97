"""The base of effects that a low-frequency oscillator moves, and keys that several of them have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from stemwright.effects._base import Effect
from stemwright.music.automation import Automation, Lfo, Modulated, parse_cycle
from stemwright.music.curve import Wave
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

Sweep = Annotated[Literal["sine", "triangle"], Field("Both begin in the middle and rise.")]
"""The shapes of an LFO that moves a pitch or a frequency, which must not jump."""

Spread = Annotated[
    float, Field("How much later in the cycle the right channel is: 0.5 is the opposite.", ge=0, le=1)
]
Feedback = Annotated[float, Field("Level of its output that is fed back into it.", ge=-0.95, le=0.95)]
Mix = Annotated[float, Field("Dry/wet mix: 0 is the direct sound only, 1 the effect only.", ge=0, le=1)]


@dataclass(frozen=True)
class LfoEffect(Effect):
    """Base of an effect that an LFO moves, the same as that of an automation. Give either length or rate_hz."""

    length: (
        Annotated[
            str,
            Field(
                "Length of a cycle (1/4, 1/8t, 2 bars, 3 beats, 1.5 s); it follows changes of tempo and meter.",
                parse=parse_cycle,
            ),
        ]
        | None
    ) = None
    rate_hz: Annotated[float, Field("Cycles per second.", "Hz", gt=0, le=100)] | None = None
    shape: Annotated[
        Literal["sine", "triangle", "square", "saw"],
        Field(
            "Sine and triangle begin in the middle and rise, square begins at the top, saw rises from the bottom. "
            "Jumps take 5 ms."
        ),
    ] = "sine"
    phase: Annotated[float, Field("The part of a cycle at which it begins.", ge=0, le=1)] = 0.0

    def __post_init__(self) -> None:
        self._automation()

    @property
    def needs_timeline(self) -> bool:
        return super().needs_timeline or self._automation().needs_timeline

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from super().problems(context)
        for (_, *where), message in self._automation().mistakes_in(context):
            yield tuple(where), message

    def wave(self, context: RenderContext, later: float = 0.0) -> Wave:
        """The LFO, from -1 to 1, or a copy that is later by a part of a cycle."""
        return cast(Wave, self._automation(later).curve(context).wave)

    def _automation(self, later: float = 0.0) -> Automation:
        lfo = Lfo(1.0, self.length, self.rate_hz, self.shape, (self.phase + later) % 1.0)
        return Automation(Modulated(lfo, value=0.0))
