"""Operators that modulate each other's phase, without aliases.

What modulation adds reaches as high as the frequencies and the depths say (Carson's rule, taken further): where
that is more than the sample rate has room for, the note is made at two or four times the rate and brought down
again, and where it is still more, every modulation of it is made less deep.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.instruments.dsp.fourier import fast_length
from stemwright.instruments.dsp.tables import read, tables

_DEEPEST = (
    2.0  # turns (4 pi radians) of phase that a modulator of level 1 swings, as a DX7's of level 99 does
)
_RATES = (1, 2, 4)
_AT_ONCE, _MARGIN = 15_872, 256  # frames that are made in one go, and what is made around them to be cut off
_ROWS = 17  # waves of feedback that are kept, from none to all
_FEEDBACK_PARTIALS = 64


@dataclass(frozen=True)
class Part:
    """What an operator plays in a note: its frequency in Hz, its level, and its envelope.

    `envelope(frames, first)` is its value at so many frames from `first` on, float32.
    """

    hertz: float
    level: float
    envelope: Callable[[int, int], np.ndarray]


class Voice:
    """The operators of one note, numbered from 1, and of each those that modulate it."""

    def __init__(self, parts: Sequence[Part], wires: dict[int, tuple[int, ...]], feedback: float):
        self._parts, self._wires, self._feedback = dict(enumerate(parts, 1)), wires, feedback

    def play(self, heard: Sequence[int], rate: int, frames: int) -> np.ndarray:
        """The sum of some operators, float64, of so many frames."""
        depth = self._depth(heard, rate)
        sound = np.zeros(frames)
        for start in range(0, frames, _AT_ONCE):
            stop = min(start + _AT_ONCE, frames)
            first, size = start - _MARGIN, stop - start + 2 * _MARGIN
            envelopes = {i: part.envelope(size + 1, first) for i, part in self._parts.items()}
            tops = {i: float(envelope.max()) for i, envelope in envelopes.items()}
            if sounding := [i for i in heard if tops[i] > 0]:
                # What dies away needs less room.
                highest = self._highest(sounding, depth, tops)
                times = next((times for times in _RATES if highest <= _room(times, rate)), _RATES[-1])
                piece = _Piece(first, rate, times, depth, envelopes, tops)
                wave = sum(self._wave(i, piece) for i in sounding)
                sound[start:stop] = _down(wave, times)[_MARGIN : size - _MARGIN]
        return sound

    def _depth(self, heard: Sequence[int], rate: int) -> float:
        """What part of the depth of modulation there is room for at the highest rate."""
        tops, room = dict.fromkeys(self._parts, 1.0), _room(_RATES[-1], rate)
        if self._highest(heard, 1.0, tops) <= room:
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if self._highest(heard, middle, tops) <= room else (low, middle)
        return low

    def _highest(self, heard: Sequence[int], depth: float, tops: dict[int, float]) -> float:
        """The highest frequency in Hz of which there is more than -100 dB, with envelopes up to `tops`."""
        index = {i: 2 * np.pi * _DEEPEST * depth * part.level * tops[i] for i, part in self._parts.items()}
        return max(self._reach(i, index, self._feedback * depth * tops[4]) for i in heard)

    def _reach(self, i: int, index: dict[int, float], feedback: float) -> float:
        """That of one operator.

        A sine modulated by another with index I has side bands up to about I + 4 I^(1/3) + 2 times the other's
        frequency: beyond, Bessel's J_n(I) is below 1e-5. One that is modulated itself counts at its fastest, and
        has its own spectrum in any case.
        """
        reach = self._parts[i].hertz * (_feedback_partials(feedback) if i == 4 else 1)
        for m in self._wires.get(i, ()):
            if index[m] > 0:
                bands = index[m] + 4 * index[m] ** (1 / 3) + 2
                reach += max(bands * self._fastest(m, index, feedback), self._reach(m, index, feedback))
        return reach

    def _fastest(self, i: int, index: dict[int, float], feedback: float) -> float:
        """The highest frequency in Hz that an operator has at any moment."""
        own = self._parts[i].hertz
        if i == 4:  # the slope of y = sin(x + b y), where it is steepest
            own *= min(1 / max(1 - feedback, 1e-9), _FEEDBACK_PARTIALS)
        return own + sum(index[m] * self._fastest(m, index, feedback) for m in self._wires.get(i, ()))

    def _wave(self, i: int, piece: _Piece) -> np.ndarray:
        """An operator's part of a piece, float32."""
        if i in piece.made:
            return piece.made[i]
        part, envelope = self._parts[i], _stretch(piece.envelopes[i], piece.times)
        phases = part.hertz / (piece.rate * piece.times), piece.first * piece.times, len(envelope)
        modulators = [m for m in self._wires.get(i, ()) if self._parts[m].level and piece.tops[m] > 0]
        if i == 4 and self._feedback * piece.depth:
            row = envelope * (self._feedback * piece.depth * (_ROWS - 1)) + 1
            wave = read(_feedback_waves(), _turns(*phases), row)
        elif modulators:
            turns = _turns(*phases)
            for m in modulators:
                turns += np.float32(_DEEPEST * piece.depth) * self._wave(m, piece)
            wave = _sine(turns)
        else:
            wave = _tone(*phases)
        wave *= np.float32(part.level) * envelope
        piece.made[i] = wave
        return wave


@dataclass
class _Piece:
    """A piece of a note from frame `first` on, made at `times` the rate; `made` holds its operators, for none twice.

    `envelopes` are the operators', with the frame after the last, and `tops` the highest value of each.
    """

    first: int
    rate: int
    times: int
    depth: float
    envelopes: dict[int, np.ndarray]
    tops: dict[int, float]
    made: dict[int, np.ndarray] = field(default_factory=dict)


def _room(times: int, rate: int) -> float:
    """The highest frequency in Hz that, folded from above a faster rate, does not come down to what is kept."""
    return (times - 0.5) * rate


def _stretch(envelope: np.ndarray, times: int) -> np.ndarray:
    """An envelope at `times` the rate, straight between its values, up to the last; float32."""
    if times == 1:
        return envelope[:-1]
    steps, stretched = np.diff(envelope), np.empty((len(envelope) - 1, times), dtype=np.float32)
    for n in range(times):
        stretched[:, n] = envelope[:-1] + steps * (n / times)
    return stretched.ravel()


def _turns(step: float, first: int, count: int) -> np.ndarray:
    """The phase in turns, give or take whole ones, at frames from `first` on, `step` turns each; float32."""
    return np.add.outer(*_grid(step, first, count)).ravel()[:count]


def _tone(step: float, first: int, count: int) -> np.ndarray:
    """The sine of `_turns`: of sums, so that a few sines do."""
    coarse, fine = _grid(step, first, count)
    quarters = np.array([[0.0], [0.25]], dtype=np.float32)
    sines, cosines = _sine(np.concatenate([coarse, fine]) + quarters)
    wave = np.multiply.outer(sines[: len(coarse)], cosines[len(coarse) :])
    wave += np.multiply.outer(cosines[: len(coarse)], sines[len(coarse) :])
    return wave.ravel()[:count]


def _grid(step: float, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Phases of every 256th frame, and of the frames from each of these on."""
    coarse, fine = step * (first + 256 * np.arange(-(-count // 256))), step * np.arange(256)
    return (coarse - np.rint(coarse)).astype(np.float32), (fine - np.rint(fine)).astype(np.float32)


def _sine(turns: np.ndarray) -> np.ndarray:
    """The sine of phases in turns, float32 (to 1e-6): the same bits on every processor, unlike the library's."""
    x = turns - np.rint(turns)
    x = np.maximum(np.minimum(x, 0.5 - x), -0.5 - x)  # as sin(x) = sin(pi - x), within a quarter turn
    square = x * x
    value = square * _SINE[-1]
    for factor in _SINE[-2:0:-1]:
        value += factor
        value *= square
    value += _SINE[0]
    value *= x
    return value


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


def _feedback_partials(b: float) -> float:
    """How many partials a wave of feedback b has above -100 dB. They fall by exp(-k (arcosh 1/b - sqrt(1-b^2)))."""
    if b <= 0:
        return 1.0
    fall = np.arccosh(1 / b) - np.sqrt(1 - b * b) if b < 1 else 0.0
    return min(_FEEDBACK_PARTIALS, 1 + 11 / max(fall, 1e-9))


def _down(wave: np.ndarray, times: int) -> np.ndarray:
    """A wave at `times` the rate brought down to it, without what is above. Its ends ring into each other."""
    if times == 1:
        return wave
    frames = len(wave) // times
    size = fast_length(frames)
    spectrum = np.fft.rfft(wave, size * times)[: size // 2 + 1]
    top = size // 25
    spectrum[-top:] *= ramp(np.arange(top), top)[::-1]
    return np.fft.irfft(spectrum, size)[:frames] / times
