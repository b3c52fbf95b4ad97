"""How playing feels: swing and humanising, the same for every source that plays in time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from stemwright.music.parts._base import parse_step
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import round_half_up
from stemwright.sources._base import Source
from stemwright.validation.fields import Field

EVERYWHERE = "*"
"""What stands for every section that is not named."""

_WIDEST = 3.0  # standard deviations


@dataclass(frozen=True, kw_only=True)
class Feel(Source):
    """Base of sources that play notes. They have a key `step`, a note length, whose pairs are swung."""

    swing: Annotated[
        float,
        Field(
            "Where the second of two steps falls between the first and the next pair: 0.5 is straight.",
            ge=0.5,
            le=0.75,
        ),
    ] = 0.5
    timing_ms: Annotated[
        float, Field("Humanising: standard deviation of each note's time.", "ms", ge=0, le=30)
    ] = 0.0
    velocity_spread: Annotated[
        float, Field("Humanising: standard deviation of each note's velocity, as a part of it.", ge=0, le=0.5)
    ] = 0.0
    seed: (
        Annotated[int, Field("Seed of the humanising; by default it hangs on the stem's name.", ge=0)] | None
    ) = None

    @property
    def needs_timeline(self) -> bool:
        return True

    def swung(self, at: Fraction, start: Fraction) -> Fraction:
        """Where a place falls in a section from `start`, in quarters: of each pair the first step is stretched."""
        if self.swing == 0.5:
            return at
        step, swing = 4 * parse_step(self.step).notes, Fraction(str(self.swing))
        pair, into = divmod(at - start, 2 * step)
        into = 2 * swing * into if into <= step else 2 * (swing * step + (1 - swing) * (into - step))
        return start + 2 * step * pair + into

    def humanised(self, frame: int, velocity: float, place: str, context: RenderContext) -> tuple[int, float]:
        """A note's frame, within the song, and its velocity, above 0 to 1 in steps of 1/127.

        Each note draws for itself, by its place: what is edited elsewhere does not move it.
        """
        dice = random.Random(f"{context.seed if self.seed is None else self.seed}/{place}")
        later, louder = (max(-_WIDEST, min(_WIDEST, dice.gauss())) for _ in range(2))
        frame += round_half_up(Fraction(later * self.timing_ms / 1000 * context.rate))
        velocity *= 1 + louder * self.velocity_spread
        velocity = round(min(max(velocity, 1 / 127), 1.0) * 127) / 127
        return min(max(0, frame), context.frames - 1), velocity
