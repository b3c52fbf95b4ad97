"""Drums from step patterns, played on the synthesised kit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Annotated

import numpy as np

from stemwright import drumkit
from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.instruments import laid
from stemwright.levels import channel_gains
from stemwright.sources._base import Source
from stemwright.spec.keys import Key
from stemwright.timeline import Duration, parse_duration, round_half_up

EVERYWHERE = "*"
_VELOCITY = {"x": 0.8, "X": 1.0, "o": 0.45} | {str(n): n / 9 for n in range(1, 10)}
_RESTS, _BARS = "-.", "| "
_KEPT = 64
"""Sounds that are kept, of all velocities of all pieces: the largest, two channels of a crash, has 2 MB at 48 kHz."""


def _step(text: object) -> Duration:
    length = parse_duration(text)
    if not length.notes or length.bars or length.beats or length.seconds:
        raise ValueError(f"must be a note length such as 1/16 or 1/8t (is {text!r})")
    return length


def _pattern(text: object) -> list[float]:
    """The velocity of each step, 0 for a rest."""
    if not isinstance(text, str):
        raise ValueError(f"must be steps such as x---x--- (is {text!r})")
    for column, sign in enumerate(text, 1):
        if sign not in _VELOCITY and sign not in _RESTS + _BARS:
            raise ValueError(
                f"step {column} must be x (hit), X (accent), o (ghost), 1 to 9 (softest to loudest) "
                f"or - (rest) (is {sign!r} in {text!r})"
            )
    steps = [_VELOCITY.get(sign, 0.0) for sign in text if sign not in _BARS]
    if not steps:
        raise ValueError("must have at least one step")
    return steps


def _piece(text: object) -> str:
    if text not in drumkit.PIECES:
        raise ValueError(f"must be a piece of the kit: {', '.join(drumkit.PIECES)} (is {text!r})")
    return text


Piece = Annotated[str, Key("A piece of the kit.", parse=_piece)]
Hit = tuple[int, str, float]
"""(frame, piece, velocity); velocity from 0 to 1 in steps of 1/127."""


@dataclass(frozen=True)
class Drums(Source):
    """A drum kit playing step patterns, repeated to fill each section.
    Its pieces: kick, snare, rim, clap, hat, open_hat (which end each other), tom_low, tom_mid, tom_high, shaker,
    cowbell, ride, crash.
    """

    patterns: Annotated[
        dict[
            str,
            dict[
                Piece,
                Annotated[str, Key("Steps: x hit, X accent, o ghost, 1-9 velocity, - rest.", parse=_pattern)],
            ],
        ],
        Key("What is played in each section, by section name; * is every section not named.", min_length=1),
    ]
    step: Annotated[str, Key("The length of one step of a pattern.", parse=_step)] = "1/16"
    swing: Annotated[
        float,
        Key(
            "Where the second of two steps falls between the first and the next pair: 0.5 is straight.",
            ge=0.5,
            le=0.75,
        ),
    ] = 0.5
    timing_ms: Annotated[
        float, Key("Humanising: standard deviation of each hit's time.", "ms", ge=0, le=30)
    ] = 0.0
    velocity_spread: Annotated[
        float, Key("Humanising: standard deviation of each hit's velocity, as a part of it.", ge=0, le=0.5)
    ] = 0.0
    seed: (
        Annotated[int, Key("Seed of the humanising; by default it hangs on the stem's name.", ge=0)] | None
    ) = None
    levels_db: Annotated[
        dict[Piece, Annotated[float, Key("Level of the piece.", "dB", ge=-60, le=12)]],
        Key("Balance of the kit."),
    ] = field(default_factory=dict)

    @property
    def in_time(self) -> bool:
        return True

    def sections(self) -> list[tuple[tuple, str]]:
        return [(("patterns", name), name) for name in self.patterns if name != EVERYWHERE]

    def render(self, canvas: Canvas) -> Stream:
        @lru_cache(_KEPT)
        def sound(piece: str, velocity: float) -> np.ndarray:
            pan = drumkit.PIECES[piece].pan
            gains = channel_gains(self.levels_db.get(piece, 0.0), pan, canvas.channels)
            return drumkit.hit(piece, canvas.rate, velocity)[:, None] * np.array(gains)

        def sounds() -> Iterator[tuple[int, np.ndarray]]:
            for (frame, piece, velocity), end in _choked(sorted(self.hits(canvas))):
                whole = sound(piece, velocity)
                ended = end is not None and end - frame < len(whole)
                yield frame, drumkit.choked(whole, end - frame, canvas.rate) if ended else whole

        return laid(sounds(), canvas)

    def hits(self, canvas: Canvas) -> Iterator[Hit]:
        timeline = canvas.timeline
        whole_song = [("", Fraction(0), timeline.end)]
        for name, start, end in [(s.name, s.start, s.end) for s in timeline.sections] or whole_song:
            for piece, pattern in self.patterns.get(name, self.patterns.get(EVERYWHERE, {})).items():
                yield from self._played(canvas, piece, _pattern(pattern), start, end)

    def _played(self, canvas: Canvas, piece: str, steps: list[float], start: Fraction, end: Fraction):
        step = 4 * _step(self.step).notes
        late = (Fraction(str(self.swing)) * 2 - 1) * step
        for index in range(int(-(-(end - start) // step))):
            velocity = steps[index % len(steps)]
            quarter = start + index * step + (late if index % 2 else 0)
            if not velocity or quarter >= end:
                continue
            frame = canvas.timeline.frame(quarter)
            # Each hit draws for itself, by its place: what is edited elsewhere does not move it.
            dice = random.Random(f"{self.seed if self.seed is not None else canvas.seed}/{piece}/{quarter}")
            shift = max(-3.0, min(3.0, dice.gauss())) * self.timing_ms / 1000 * canvas.rate
            velocity *= 1 + max(-3.0, min(3.0, dice.gauss())) * self.velocity_spread
            frame = min(max(0, frame + round_half_up(Fraction(shift))), canvas.frames - 1)
            yield frame, piece, round(min(max(velocity, 1 / 127), 1.0) * 127) / 127


def _choked(hits: list[Hit]) -> Iterator[tuple[Hit, int | None]]:
    """Each hit with the frame at which another piece of its instrument ends it, if one does (not one at once)."""
    ends: list[int | None] = []
    soonest: dict[str, int] = {}
    for frame, piece, _ in reversed(hits):
        one = piece in drumkit.CHOKED
        ends.append(
            min((at for other, at in soonest.items() if one and other != piece and at > frame), default=None)
        )
        if one:
            soonest[piece] = frame
    return zip(hits, reversed(ends), strict=True)
