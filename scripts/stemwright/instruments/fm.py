"""Frequency modulation by four operators (Chowning 1973), wired as in Yamaha's four-operator synthesisers.

What modulation adds reaches as high as the frequencies and the depths say (Carson's rule, taken further): where
that is more than the sample rate has room for, the note is made at two or four times the rate and brought down
again, and where it is still more, every modulation of it is made less deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated

import numpy as np

from stemwright.effects._biquads import butterworth, filtered
from stemwright.instruments._base import Instrument, Note
from stemwright.instruments._edges import finished
from stemwright.instruments._envelope import Envelope
from stemwright.instruments._fourier import fast_length
from stemwright.instruments._tables import TOP, read, tables
from stemwright.levels import amplitude
from stemwright.pitch import frequency
from stemwright.ramps import ramp
from stemwright.spec.keys import Key, Spec

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

_DEEPEST = (
    2.0  # turns (4 pi radians) of phase that a modulator of level 1 swings, as a DX7's of level 99 does
)
_LOWEST_HZ = 15.0
_RATES = (1, 2, 4)
_ROWS = 17  # waves of feedback that are kept, from none to all


@dataclass(frozen=True)
class Operator(Spec):
    """An operator: a sine with its envelope, that is heard or modulates another."""

    ratio: Annotated[float, Key("Its frequency, in that of the note.", ge=0.125, le=32)] = 1.0
    cents: Annotated[float, Key("Fine tuning.", "cents", ge=-100, le=100)] = 0.0
    level: Annotated[
        float, Key("Its level; of one that modulates, 1 is a swing of 4 pi radians.", ge=0, le=1)
    ] = 0.0
    velocity: Annotated[
        float, Key("How much of its level hangs on the velocity (the square of it).", ge=0, le=1)
    ] = 0.5
    scaling_db: Annotated[
        float, Key("How much its level falls with each octave above A3.", "dB", ge=0, le=12)
    ] = 0.0
    envelope: Annotated[Envelope, Key("How its level moves.")] = field(default_factory=Envelope)

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

    algorithm: Annotated[
        int,
        Key(
            "Which modulates which (> into, + heard beside): 1 is 4>3>2>1, 2 (3,4)>2>1, 3 (3>2,4)>1, "
            "4 (2,4>3)>1, 5 2>1 + 4>3, 6 4>(1,2,3), 7 1 + 2 + 4>3, 8 1 + 2 + 3 + 4.",
            ge=1,
            le=8,
        ),
    ] = 5
    operators: Annotated[
        list[Annotated[Operator, Key("An operator.")]], Key("The four, 1 first.", min_length=4, max_length=4)
    ] = field(
        default_factory=lambda: [
            Operator(level=1.0),
            Operator(level=0.15),
            Operator(level=1.0),
            Operator(level=0.1),
        ]
    )
    feedback: Annotated[float, Key("From operator 4 into itself: 0 a sine, 1 a saw.", ge=0, le=1)] = 0.0
    level_db: Annotated[float, Key("Its level.", "dB", ge=-60, le=12)] = 0.0

    def __post_init__(self) -> None:
        self._nest(operators=Operator)

    def sound(self, note: Note, rate: int, channels: int, seed: str) -> np.ndarray:
        heard, wires = _ALGORITHMS[self.algorithm]
        voice = _Voice(self, wires, note)
        heard = [i for i in heard if self.operators[i - 1].level and voice.hertz[i] < TOP * rate]
        if not heard:
            return np.zeros((note.frames, channels))
        times, depth = voice.room(heard, rate)
        held, fast = note.frames * times, rate * times
        lengths = [self.operators[i - 1].envelope.frames(held, fast) for i in heard]
        frames = -(-max(lengths) // times)
        wave = np.zeros(frames * times, dtype=np.float32)
        for i in heard:
            wave += voice.wave(i, fast, held, len(wave), depth)
        # Side bands that fold at 0 Hz are no sound where they come to lie below hearing: out they go.
        low = butterworth(2, _LOWEST_HZ, "high", rate)
        wave = next(filtered(low, [_down(wave, times)[:, None]], 1))[:, 0]
        # Operators that are heard add up by power, and modulation does not change the power of any.
        power = sum(self.operators[i - 1].level ** 2 for i in heard)
        wave *= note.velocity * amplitude(self.level_db - 12) / np.sqrt(power)
        n = np.arange(frames)
        edge = round(0.001 * rate)
        wave *= ramp(n, edge) * ramp(frames - 1 - n, edge)
        return np.repeat(finished(wave[:, None]), channels, axis=1)


class _Voice:
    """The operators of one note, each made once."""

    def __init__(self, instrument: Fm, wires: dict[int, tuple[int, ...]], note: Note):
        self._operators = dict(enumerate(instrument.operators, 1))
        self._wires, self._feedback, self._note = wires, instrument.feedback, note
        self.hertz = {
            i: frequency(note.pitch) * o.ratio * 2.0 ** (o.cents / 1200) for i, o in self._operators.items()
        }
        self._made: dict[int, np.ndarray] = {}

    def room(self, heard: list[int], rate: int) -> tuple[int, float]:
        """How many times the sample rate is needed (1, 2, 4), and what part of the depth of modulation fits."""

        def fits(times: int, depth: float) -> bool:
            # What is folded from above the faster rate must not come down to what is kept.
            return max(self._reach(i, depth) for i in heard) <= (times - 0.5) * rate

        for times in _RATES:
            if fits(times, 1.0):
                return times, 1.0
        low, high = 0.0, 1.0
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if fits(times, middle) else (low, middle)
        return times, low

    def _reach(self, i: int, depth: float) -> float:
        """The highest frequency in Hz that an operator has more than -100 dB of.

        A sine modulated by another with index I has side bands up to about I + 4 I^(1/3) + 2 times the other's
        frequency: beyond, Bessel's J_n(I) is below 1e-5. One that is modulated itself counts at its fastest, and
        has its own spectrum in any case.
        """
        partials = _feedback_partials(self._feedback * depth) if i == 4 else 1
        reach = self.hertz[i] * partials
        for index, m in self._modulators(i, depth):
            bands = (index + 4 * index ** (1 / 3) + 2) * self._fastest(m, depth)
            reach += max(bands, self._reach(m, depth))
        return reach

    def _fastest(self, i: int, depth: float) -> float:
        """The highest frequency in Hz that an operator has at any moment."""
        own = self.hertz[i]
        if i == 4:  # the slope of y = sin(x + b y), where it is steepest
            own *= min(1 / max(1 - self._feedback * depth, 1e-9), _FEEDBACK_PARTIALS)
        return own + sum(index * self._fastest(m, depth) for index, m in self._modulators(i, depth))

    def _modulators(self, i: int, depth: float) -> Iterator[tuple[float, int]]:
        """(index in radians, operator) of each that modulates one."""
        for m in self._wires.get(i, ()):
            if index := 2 * np.pi * _DEEPEST * depth * self._operators[m].loudness(self._note):
                yield index, m

    def wave(self, i: int, rate: int, held: int, frames: int, depth: float) -> np.ndarray:
        """An operator's output, float32, its level and envelope in it."""
        if i in self._made:
            return self._made[i]
        operator = self._operators[i]
        turns = np.arange(frames) * (self.hertz[i] / rate)
        level = operator.envelope.level(held, rate, frames) * operator.loudness(self._note)
        if i == 4 and self._feedback * depth:
            wave = read(
                _feedback_waves(),
                turns,
                level / max(operator.level, 1e-9) * (self._feedback * depth * (_ROWS - 1)) + 1,
            )
        else:
            turns = (turns - np.rint(turns)).astype(np.float32)
            for _, m in self._modulators(i, depth):
                turns += np.float32(_DEEPEST * depth) * self.wave(m, rate, held, frames, depth)
            wave = _sine(turns)
        wave *= level
        self._made[i] = wave
        return wave


def _sine(turns: np.ndarray) -> np.ndarray:
    """The sine of phases in turns, float32 (to 1e-6): the same bits on every processor, unlike the library's."""
    x = turns - np.rint(turns)
    a = np.abs(x)
    a = np.minimum(a, np.float32(0.5) - a)
    square = a * a
    value = np.full_like(a, _SINE[-1])
    for factor in _SINE[-2::-1]:
        value *= square
        value += factor
    value *= a
    return np.copysign(value, x)


_SINE = tuple(
    np.float32((-1) ** n * (2 * np.pi) ** (2 * n + 1) / f)
    for n, f in enumerate((1, 6, 120, 5040, 362880, 39916800))
)
"""Taylor's series, for up to a quarter turn."""


@lru_cache(maxsize=1)
def _feedback_waves() -> np.ndarray:
    """Tables of y = sin(x + b y) for b from 0 to 1: Kepler's equation, whose partials are 2 J_k(k b) / (k b)."""
    x = 2 * np.pi * np.arange(4096) / 4096
    rows = []
    for b in np.minimum(np.arange(-1, _ROWS + 1) / (_ROWS - 1), 1.0):
        anomaly = x + b * np.sin(x)
        for _ in range(60):
            slope = 1 - b * np.cos(anomaly)
            anomaly = anomaly - (anomaly - b * np.sin(anomaly) - x) / np.maximum(slope, 0.05)
        rows.append(np.fft.rfft(np.sin(anomaly))[1 : _FEEDBACK_PARTIALS + 1] / 2048)
    return tables(np.array(rows))


_FEEDBACK_PARTIALS = 64


def _feedback_partials(b: float) -> float:
    """How many partials a wave of feedback b has above -100 dB. They fall by exp(-k (arcosh 1/b - sqrt(1-b^2)))."""
    if b <= 0:
        return 1.0
    fall = np.arccosh(1 / b) - np.sqrt(1 - b * b) if b < 1 else 0.0
    return min(_FEEDBACK_PARTIALS, 1 + 11 / max(fall, 1e-9))


def _down(wave: np.ndarray, times: int) -> np.ndarray:
    """A wave at `times` the rate brought down to it, without what is above."""
    if times == 1:
        return wave.astype(float)
    frames = len(wave) // times
    size = fast_length(frames + 256)
    spectrum = np.fft.rfft(wave, size * times)[: size // 2 + 1].astype(complex)
    k = np.arange(size // 2 + 1)
    return np.fft.irfft(spectrum * ramp(size // 2 - k, size // 25), size)[:frames] / times
