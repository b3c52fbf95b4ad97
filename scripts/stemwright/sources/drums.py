"""Drum patterns played on the synthesised kit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Annotated

import numpy as np

from stemwright.audio import Stream
from stemwright.base.decibels import decibels
from stemwright.instruments import overlap_add
from stemwright.instruments.dsp import drum_kit
from stemwright.mixing.faders import channel_gains
from stemwright.music.parts._base import GHOST, parse_step
from stemwright.music.parts._rhythm import BARS, MARKS, RESTS
from stemwright.music.render_context import RenderContext
from stemwright.music.repeats import REPEAT
from stemwright.sources._feel import OTHER_SECTIONS, Feel
from stemwright.sources._rhythm_doubts import rhythm_doubts
from stemwright.validation.fields import Field

_CACHED_HITS = 64
"""Rendered hits kept in memory: the largest, a stereo crash, takes 2 MB at 48 kHz."""


def _parse_pattern(text: object) -> list[float]:
    """The velocity of each step, 0 for a rest. Raises ValueError for text that is not a pattern."""
    if not isinstance(text, str):
        raise ValueError(f"must be steps such as x---x--- (is {text!r})")
    text = text.rstrip().removesuffix(REPEAT)
    for column, sign in enumerate(text, 1):
        if sign not in MARKS and sign not in RESTS + BARS:
            raise ValueError(
                f"step {column} must be x (hit), X (accent), o (ghost), 1 to 9 (softest to loudest) "
                f"or - (rest) (is {sign!r} in {text!r})"
            )
    steps = [MARKS.get(sign, 0.0) for sign in text if sign not in BARS]
    if not steps:
        raise ValueError("must have at least one step")
    return steps


def _parse_piece(text: object) -> str:
    if not isinstance(text, str) or text not in drum_kit.PIECES:
        raise ValueError(f"must be a piece of the kit: {', '.join(drum_kit.PIECES)} (is {text!r})")
    return text


Piece = Annotated[str, Field("A piece of the kit.", parse=_parse_piece)]
Hit = tuple[int, str, float]
"""(frame, piece, velocity); the velocity is above 0 to 1, in steps of 1/127."""


@dataclass(frozen=True)
class Drums(Feel):
    """A synthesised drum kit that plays step patterns, repeated to fill each section.
    The pieces of the kit: kick, snare, rim, clap, hat, open_hat (hat and open_hat choke each other), tom_low, tom_mid,
    tom_high, shaker, cowbell, ride, crash.
    """

    example = """
    patterns:
      "*": {kick: x---x---x---x---, snare: ----X-------X-o-}
      chorus: {kick: x--xx---x--xx---, open_hat: --x---x---x---x-}
    swing: 0.56
    levels_db: {open_hat: -3}"""

    patterns: Annotated[
        dict[
            str,
            dict[
                Piece,
                Annotated[
                    str, Field("Steps: x hit, X accent, o ghost, 1-9 velocity, - rest.", parse=_parse_pattern)
                ],
            ],
        ],
        Field("The patterns of each section, by section name; * is every section not named.", min_length=1),
    ]
    step: Annotated[str, Field("The length of one step of a pattern.", parse=parse_step)] = "1/16"
    levels_db: Annotated[
        dict[Piece, Annotated[float, Field("Change of the level of the piece.", "dB", ge=-60, le=12)]],
        Field("Balance of the kit: changes of level by piece."),
    ] = field(default_factory=dict)

    rhythmic = True

    def by_section(self) -> dict[str, dict]:
        return self.patterns

    def sections(self) -> list[tuple[tuple, str]]:
        return [(("patterns", name), name) for name in self.patterns if name != OTHER_SECTIONS]

    def doubts(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from rhythm_doubts(self.patterns, parse_step(self.step), context.required_timeline())

    def render(self, context: RenderContext) -> Stream:
        @lru_cache(_CACHED_HITS)
        def sound(piece: str, velocity: float) -> np.ndarray:
            pan = drum_kit.PIECES[piece].pan
            gains = channel_gains(self.levels_db.get(piece, 0.0), pan, context.channels)
            return drum_kit.hit(piece, context.rate, velocity)[:, None] * np.array(gains)

        def sounds() -> Iterator[tuple[int, np.ndarray]]:
            for (frame, piece, velocity), end in _with_chokes(sorted(self.hits(context))):
                whole = sound(piece, velocity)
                if end is not None and end - frame < len(whole):
                    yield frame, drum_kit.choke(whole, end - frame, context.rate)
                else:
                    yield frame, whole

        return overlap_add(sounds(), context)

    def hits(self, context: RenderContext) -> Iterator[Hit]:
        """Every hit as it is played, with swing and humanising, in the order of sections and pieces."""
        for span in context.required_timeline().sections_or_all:
            for piece, pattern in self.patterns.get(span.name, self.patterns.get(OTHER_SECTIONS, {})).items():
                yield from self._pattern_hits(context, piece, _parse_pattern(pattern), span.start, span.end)

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        for frame, piece, velocity in self.hits(context):
            yield (
                frame,
                drum_kit.PIECES[piece].level_db + self.levels_db.get(piece, 0.0) + 2 * decibels(velocity),
            )

    def _pattern_hits(
        self, context: RenderContext, piece: str, steps: list[float], start: Fraction, end: Fraction
    ) -> Iterator[Hit]:
        """The hits of one piece in a section from `start` to `end`, in quarter notes."""
        timeline, step = context.required_timeline(), 4 * parse_step(self.step).notes
        for index in range(int(-(-(end - start) // step))):
            velocity, quarter = steps[index % len(steps)], self.apply_swing(start + index * step, start, step)
            place, turn = f"{piece}/{quarter}", index // len(steps)
            if velocity and quarter < end and not self.is_left_out(velocity <= GHOST, place, turn, context):
                frame, velocity = self.humanise(timeline.frame(quarter), velocity, place, context, turn)
                yield frame, piece, velocity


def _with_chokes(hits: list[Hit]) -> Iterator[tuple[Hit, int | None]]:
    """Each hit with the frame of the next hit of a piece that chokes it, or None. Simultaneous hits do not choke."""
    ends: list[int | None] = []
    soonest: dict[str, int] = {}
    for frame, piece, _ in reversed(hits):
        chokes = piece in drum_kit.CHOKED
        ends.append(
            min(
                (at for other, at in soonest.items() if chokes and other != piece and at > frame),
                default=None,
            )
        )
        if chokes:
            soonest[piece] = frame
    return zip(hits, reversed(ends), strict=True)
