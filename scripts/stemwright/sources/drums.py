"""Drums from step patterns, played on the synthesised kit."""

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
from stemwright.music.parts._base import parse_step
from stemwright.music.parts._rhythm import BARS, MARKS, RESTS
from stemwright.music.render_context import RenderContext
from stemwright.sources._feel import EVERYWHERE, Feel
from stemwright.validation.fields import Field

_KEPT = 64
"""Sounds that are kept, of all velocities of all pieces: the largest, two channels of a crash, has 2 MB at 48 kHz."""


def _pattern(text: object) -> list[float]:
    """The velocity of each step, 0 for a rest."""
    if not isinstance(text, str):
        raise ValueError(f"must be steps such as x---x--- (is {text!r})")
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


def _piece(text: object) -> str:
    if text not in drum_kit.PIECES:
        raise ValueError(f"must be a piece of the kit: {', '.join(drum_kit.PIECES)} (is {text!r})")
    return text


Piece = Annotated[str, Field("A piece of the kit.", parse=_piece)]
Hit = tuple[int, str, float]
"""(frame, piece, velocity); velocity from 0 to 1 in steps of 1/127."""


@dataclass(frozen=True)
class Drums(Feel):
    """A drum kit playing step patterns, repeated to fill each section.
    Its pieces: kick, snare, rim, clap, hat, open_hat (which end each other), tom_low, tom_mid, tom_high, shaker,
    cowbell, ride, crash.
    """

    patterns: Annotated[
        dict[
            str,
            dict[
                Piece,
                Annotated[
                    str, Field("Steps: x hit, X accent, o ghost, 1-9 velocity, - rest.", parse=_pattern)
                ],
            ],
        ],
        Field("What is played in each section, by section name; * is every section not named.", min_length=1),
    ]
    step: Annotated[str, Field("The length of one step of a pattern.", parse=parse_step)] = "1/16"
    levels_db: Annotated[
        dict[Piece, Annotated[float, Field("Level of the piece.", "dB", ge=-60, le=12)]],
        Field("Balance of the kit."),
    ] = field(default_factory=dict)

    rhythmic = True

    def sections(self) -> list[tuple[tuple, str]]:
        return [(("patterns", name), name) for name in self.patterns if name != EVERYWHERE]

    def render(self, context: RenderContext) -> Stream:
        @lru_cache(_KEPT)
        def sound(piece: str, velocity: float) -> np.ndarray:
            pan = drum_kit.PIECES[piece].pan
            gains = channel_gains(self.levels_db.get(piece, 0.0), pan, context.channels)
            return drum_kit.hit(piece, context.rate, velocity)[:, None] * np.array(gains)

        def sounds() -> Iterator[tuple[int, np.ndarray]]:
            for (frame, piece, velocity), end in _choked(sorted(self.hits(context))):
                whole = sound(piece, velocity)
                ended = end is not None and end - frame < len(whole)
                yield frame, drum_kit.choke(whole, end - frame, context.rate) if ended else whole

        return overlap_add(sounds(), context)

    def hits(self, context: RenderContext) -> Iterator[Hit]:
        for span in context.timeline.sections_or_all:
            for piece, pattern in self.patterns.get(span.name, self.patterns.get(EVERYWHERE, {})).items():
                yield from self._played(context, piece, _pattern(pattern), span.start, span.end)

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        for frame, piece, velocity in self.hits(context):
            yield (
                frame,
                drum_kit.PIECES[piece].level_db + self.levels_db.get(piece, 0.0) + 2 * decibels(velocity),
            )

    def _played(self, context: RenderContext, piece: str, steps: list[float], start: Fraction, end: Fraction):
        step = 4 * parse_step(self.step).notes
        for index in range(int(-(-(end - start) // step))):
            velocity, quarter = steps[index % len(steps)], self.swung(start + index * step, start)
            if velocity and quarter < end:
                place = f"{piece}/{quarter}"
                frame, velocity = self.humanised(context.timeline.frame(quarter), velocity, place, context)
                yield frame, piece, velocity


def _choked(hits: list[Hit]) -> Iterator[tuple[Hit, int | None]]:
    """Each hit with the frame at which another piece of its instrument ends it, if one does (not one at once)."""
    ends: list[int | None] = []
    soonest: dict[str, int] = {}
    for frame, piece, _ in reversed(hits):
        one = piece in drum_kit.CHOKED
        ends.append(
            min((at for other, at in soonest.items() if one and other != piece and at > frame), default=None)
        )
        if one:
            soonest[piece] = frame
    return zip(hits, reversed(ends), strict=True)
