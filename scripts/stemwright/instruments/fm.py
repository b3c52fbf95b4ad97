"""Frequency modulation by four operators (Chowning 1973), wired as in Yamaha's four-operator synthesisers.
How a note of theirs is made without aliases is in _operators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

import numpy as np

from stemwright.audio.biquads import butterworth, filtered
from stemwright.base.decibels import amplitude
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments.dsp.edges import faded, remove_dc
from stemwright.instruments.dsp.envelope import Envelope
from stemwright.instruments.dsp.operators import Part, Voice
from stemwright.instruments.dsp.pieces import pieces
from stemwright.instruments.dsp.tables import TOP
from stemwright.music.pitch import frequency
from stemwright.validation.fields import Configurable, Field

_ALGORITHMS = {
    1: ((1,), {1: (2,), 2: (3,), 3: (4,)}),
    2: ((1,), {1: (2,), 2: (3, 4)}),
    3: ((1,), {1: (2, 4), 2: (3,)}),
    4: ((1,), {1: (2, 3), 3: (4,)}),
    5: ((1, 3), {1: (2,), 3: (4,)}),
    6: ((1, 2, 3), {1: (4,), 2: (4,), 3: (4,)}),
    7: ((1, 2, 3), {3: (4,)}),
    8: ((1, 2, 3, 4), {}),
}
"""Of each algorithm the operators that are heard, and of each operator those that modulate it."""

_LOWEST_HZ = 15.0


@dataclass(frozen=True)
class Operator(Configurable):
    """An operator: a sine with its envelope, that is heard or modulates another."""

    ratio: Annotated[float, Field("Its frequency, in that of the note.", ge=0.125, le=32)] = 1.0
    cents: Annotated[float, Field("Fine tuning.", "cents", ge=-100, le=100)] = 0.0
    level: Annotated[
        float, Field("Its level; of one that modulates, 1 is a swing of 4 pi radians.", ge=0, le=1)
    ] = 0.0
    velocity: Annotated[
        float, Field("How much of its level hangs on the velocity (the square of it).", ge=0, le=1)
    ] = 0.5
    scaling_db: Annotated[
        float, Field("How much its level falls with each octave above A3.", "dB", ge=0, le=12)
    ] = 0.0
    envelope: Annotated[Envelope, Field("How its level moves.")] = field(default_factory=Envelope)

    def __post_init__(self) -> None:
        if isinstance(self.envelope, dict):
            object.__setattr__(self, "envelope", Envelope(**self.envelope))

    def loudness(self, note: Note) -> float:
        """Its level for a note."""
        fall = amplitude(-self.scaling_db * max(0.0, note.pitch - 57) / 12)
        return self.level * fall * (1 - self.velocity * (1 - note.velocity**2))


@dataclass(frozen=True)
class Fm(Instrument):
    """Four-operator FM: electric pianos, bells, basses, brass. Operator 4 feeds back into itself."""

    example = "{algorithm: 5, operators: [{}, {ratio: 14, level: 0.05}, {}, {level: 0.1}]}"

    algorithm: Annotated[
        int,
        Field(
            "Which modulates which (> into, + heard beside): 1 is 4>3>2>1, 2 (3,4)>2>1, 3 (3>2,4)>1, "
            "4 (2,4>3)>1, 5 2>1 + 4>3, 6 4>(1,2,3), 7 1 + 2 + 4>3, 8 1 + 2 + 3 + 4.",
            ge=1,
            le=8,
        ),
    ] = 5
    operators: Annotated[
        list[Annotated[Operator, Field("An operator.")]],
        Field("The four, 1 first.", min_length=4, max_length=4),
    ] = field(
        default_factory=lambda: [
            Operator(level=1.0),
            Operator(level=0.15),
            Operator(level=1.0),
            Operator(level=0.1),
        ]
    )
    feedback: Annotated[float, Field("From operator 4 into itself: 0 a sine, 1 a saw.", ge=0, le=1)] = 0.0
    level_db: Annotated[float, Field("Its level.", "dB", ge=-60, le=12)] = 0.0

    def __post_init__(self) -> None:
        self._nest(operators=Operator)

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        heard, wires = _ALGORITHMS[self.algorithm]
        hertz = [frequency(note.pitch) * o.ratio * 2.0 ** (o.cents / 1200) for o in self.operators]
        heard = [i for i in heard if self.operators[i - 1].level and hertz[i - 1] < TOP * rate]
        if not heard:
            return np.zeros((note.frames, channels))
        frames = max(self.operators[i - 1].envelope.frames(note.frames, rate) for i in heard)
        parts = [
            Part(h, o.loudness(note), partial(o.envelope.level, note.frames, rate))
            for h, o in zip(hertz, self.operators, strict=True)
        ]
        wave = Voice(parts, wires, self.feedback).play(heard, rate, frames)
        # Side bands that fold at 0 Hz are no sound where they come to lie below hearing: out they go.
        low = butterworth(2, _LOWEST_HZ, "high", rate)
        blocks = filtered(low, (wave[piece, None] for piece in pieces(frames)), 1)
        for piece, block in zip(pieces(frames), blocks, strict=True):
            wave[piece] = block[:, 0]
        # Operators that are heard add up by power, and modulation does not change the power of any.
        power = sum(self.operators[i - 1].level ** 2 for i in heard)
        wave *= note.velocity * amplitude(self.level_db - 12) / np.sqrt(power)
        edge = round(0.001 * rate)
        return np.broadcast_to(remove_dc(faded(wave, edge, edge)[:, None]), (frames, channels))
