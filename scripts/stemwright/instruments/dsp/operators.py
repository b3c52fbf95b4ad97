"""Operators that modulate each other's phase (FM synthesis), without aliasing.

The bandwidth of a modulated sine follows from the frequencies and the depth of modulation (an extension of Carson's
rule). Where it exceeds that of the sample rate, a note is synthesised at two or four times the rate and decimated;
where that is not enough, the depth of all its modulation is reduced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.instruments.dsp.fourier import fast_length
from stemwright.instruments.dsp.tables import read_wavetables, wavetables

_MAX_TURNS = 2.0  # phase swing (4 pi radians) of a modulator of level 1, as of a DX7's of level 99
_FACTORS = (1, 2, 4)  # of oversampling
_BLOCK_FRAMES, _MARGIN = 15_872, 256  # frames synthesised at a time, and frames around them that are cut off
_ROWS = 17  # wavetables of feedback, from none to full
_FEEDBACK_PARTIALS = 64


@dataclass(frozen=True)
class OperatorState:
    """An operator in a note: its frequency in Hz, its level (0 to 1) and its envelope.

    `envelope(frames, first)` returns the envelope's values at `frames` frames from `first` on, float32.
    """

    hertz: float
    level: float
    envelope: Callable[[int, int], np.ndarray]


class OperatorNetwork:
    """The four operators of one note, numbered from 1.

    `modulators` maps an operator to those that modulate it; `feedback`, 0 to 1, is that of operator 4.
    """

    def __init__(
        self, states: Sequence[OperatorState], modulators: dict[int, tuple[int, ...]], feedback: float
    ):
        self._states, self._modulators, self._feedback = dict(enumerate(states, 1)), modulators, feedback

    def play(self, carriers: Sequence[int], rate: int, frames: int) -> np.ndarray:
        """Synthesise the sum of some operators.

        Parameters
        ----------
        carriers : sequence of int
            The numbers of the operators that are heard.
        rate : int
            Sample rate in Hz.
        frames : int
            Frames to synthesise.

        Returns
        -------
        np.ndarray
            The sound, float64, shape (frames,).
        """
        depth = self._depth(carriers, rate)
        sound = np.zeros(frames)
        for start in range(0, frames, _BLOCK_FRAMES):
            stop = min(start + _BLOCK_FRAMES, frames)
            first, size = start - _MARGIN, stop - start + 2 * _MARGIN
            envelopes = {i: state.envelope(size + 1, first) for i, state in self._states.items()}
            maxima = {i: float(envelope.max()) for i, envelope in envelopes.items()}
            if sounding := [i for i in carriers if maxima[i] > 0]:
                # As envelopes fall, less bandwidth is needed.
                highest = self._highest(sounding, depth, maxima)
                factor = next(
                    (factor for factor in _FACTORS if highest <= _bandwidth(factor, rate)), _FACTORS[-1]
                )
                block = _Block(first, rate, factor, depth, envelopes, maxima)
                wave = np.asarray(sum(self._operator_wave(i, block) for i in sounding))
                sound[start:stop] = _decimate(wave, factor)[_MARGIN : size - _MARGIN]
        return sound

    def _depth(self, carriers: Sequence[int], rate: int) -> float:
        """The largest factor, 0 to 1, of the depth of modulation whose bandwidth fits the highest rate."""
        maxima, bandwidth = dict.fromkeys(self._states, 1.0), _bandwidth(_FACTORS[-1], rate)
        if self._highest(carriers, 1.0, maxima) <= bandwidth:
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if self._highest(carriers, middle, maxima) <= bandwidth else (low, middle)
            )
        return low

    def _highest(self, carriers: Sequence[int], depth: float, maxima: dict[int, float]) -> float:
        """The highest frequency in Hz with more than -100 dB, for envelopes up to `maxima`."""
        index = {
            i: 2 * np.pi * _MAX_TURNS * depth * state.level * maxima[i] for i, state in self._states.items()
        }
        return max(self._highest_partial(i, index, self._feedback * depth * maxima[4]) for i in carriers)

    def _highest_partial(self, i: int, index: dict[int, float], feedback: float) -> float:
        """The highest frequency in Hz with more than -100 dB of one operator.

        A sine modulated with index I has side bands up to about I + 4 I^(1/3) + 2 times the modulator's frequency:
        beyond, the Bessel function J_n(I) is below 1e-5. A modulator that is itself modulated counts with its highest
        instantaneous frequency, or with its own spectrum if that reaches higher.
        """
        reach = self._states[i].hertz * (_feedback_partials(feedback) if i == 4 else 1)
        for m in self._modulators.get(i, ()):
            if index[m] > 0:
                bands = index[m] + 4 * index[m] ** (1 / 3) + 2
                reach += max(
                    bands * self._highest_instantaneous(m, index, feedback),
                    self._highest_partial(m, index, feedback),
                )
        return reach

    def _highest_instantaneous(self, i: int, index: dict[int, float], feedback: float) -> float:
        """The highest instantaneous frequency of an operator, in Hz."""
        own = self._states[i].hertz
        if i == 4:  # the steepest slope of y = sin(x + b y)
            own *= min(1 / max(1 - feedback, 1e-9), _FEEDBACK_PARTIALS)
        return own + sum(
            index[m] * self._highest_instantaneous(m, index, feedback) for m in self._modulators.get(i, ())
        )

    def _operator_wave(self, i: int, block: _Block) -> np.ndarray:
        """The wave of one operator in a block, at the oversampled rate, float32."""
        if i in block.waves:
            return block.waves[i]
        state, envelope = self._states[i], _stretch(block.envelopes[i], block.factor)
        phases = state.hertz / (block.rate * block.factor), block.first * block.factor, len(envelope)
        modulators = [m for m in self._modulators.get(i, ()) if self._states[m].level and block.maxima[m] > 0]
        if i == 4 and self._feedback * block.depth:
            row = envelope * (self._feedback * block.depth * (_ROWS - 1)) + 1
            wave = read_wavetables(_feedback_waves(), _phases(*phases), row)
        elif modulators:
            turns = _phases(*phases)
            for m in modulators:
                turns += np.float32(_MAX_TURNS * block.depth) * self._operator_wave(m, block)
            wave = _sine(turns)
        else:
            wave = _tone(*phases)
        wave *= np.float32(state.level) * envelope
        block.waves[i] = wave
        return wave


@dataclass
class _Block:
    """A block of a note from frame `first` on, oversampled by `factor`.

    `envelopes` are those of the operators, with one frame after the last, and `maxima` their highest values. `waves`
    caches the wave of each operator.
    """

    first: int
    rate: int
    factor: int
    depth: float
    envelopes: dict[int, np.ndarray]
    maxima: dict[int, float]
    waves: dict[int, np.ndarray] = field(default_factory=dict)


def _bandwidth(factor: int, rate: int) -> float:
    """The highest frequency in Hz whose alias, at `factor` times the rate, lies above half the rate."""
    return (factor - 0.5) * rate


def _stretch(envelope: np.ndarray, factor: int) -> np.ndarray:
    """An envelope at `factor` times the rate, interpolated linearly up to its last value; float32."""
    if factor == 1:
        return envelope[:-1]
    steps, stretched = np.diff(envelope), np.empty((len(envelope) - 1, factor), dtype=np.float32)
    for n in range(factor):
        stretched[:, n] = envelope[:-1] + steps * (n / factor)
    return stretched.ravel()


def _phases(step: float, first: int, count: int) -> np.ndarray:
    """The phase in turns, up to whole turns, of `count` frames from `first` on, `step` turns apart; float32."""
    return np.add.outer(*_grid(step, first, count)).ravel()[:count]


def _tone(step: float, first: int, count: int) -> np.ndarray:
    """The sine of `_phases`, by the addition theorem, which needs few sines."""
    coarse, fine = _grid(step, first, count)
    quarters = np.array([[0.0], [0.25]], dtype=np.float32)
    sines, cosines = _sine(np.concatenate([coarse, fine]) + quarters)
    wave = np.multiply.outer(sines[: len(coarse)], cosines[len(coarse) :])
    wave += np.multiply.outer(cosines[: len(coarse)], sines[len(coarse) :])
    return wave.ravel()[:count]


def _grid(step: float, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The phases of every 256th frame, and the phases of 256 frames relative to that; in turns, float32."""
    coarse, fine = step * (first + 256 * np.arange(-(-count // 256))), step * np.arange(256)
    return (coarse - np.rint(coarse)).astype(np.float32), (fine - np.rint(fine)).astype(np.float32)


def _sine(turns: np.ndarray) -> np.ndarray:
    """The sine of phases in turns, float32, to 1e-6. Unlike np.sin, it has the same bits on every processor."""
    x = turns - np.rint(turns)
    x = np.maximum(np.minimum(x, 0.5 - x), -0.5 - x)  # sin(x) = sin(pi - x): to within a quarter turn
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
"""Coefficients of the Taylor series, for up to a quarter turn."""


@lru_cache(maxsize=1)
def _feedback_waves() -> np.ndarray:
    """Wavetables of y = sin(x + b y) for b from 0 to 1.

    This is Kepler's equation, solved by Newton's method; its partials are 2 J_k(k b) / (k b).
    """
    x = 2 * np.pi * np.arange(4096) / 4096
    rows = []
    for b in np.minimum(np.arange(-1, _ROWS + 1) / (_ROWS - 1), 1.0):
        anomaly = x + b * np.sin(x)
        for _ in range(60):
            slope = 1 - b * np.cos(anomaly)
            anomaly = anomaly - (anomaly - b * np.sin(anomaly) - x) / np.maximum(slope, 0.05)
        rows.append(np.fft.rfft(np.sin(anomaly))[1 : _FEEDBACK_PARTIALS + 1] / 2048)
    return wavetables(np.array(rows))


def _feedback_partials(b: float) -> float:
    """The number of partials above -100 dB for feedback b. They fall by exp(-k (arcosh 1/b - sqrt(1-b^2)))."""
    if b <= 0:
        return 1.0
    fall = np.arccosh(1 / b) - np.sqrt(1 - b * b) if b < 1 else 0.0
    return min(_FEEDBACK_PARTIALS, 1 + 11 / max(fall, 1e-9))


def _decimate(wave: np.ndarray, factor: int) -> np.ndarray:
    """Decimate a wave by `factor` in the frequency domain. Its two ends ring into each other."""
    if factor == 1:
        return wave
    frames = len(wave) // factor
    size = fast_length(frames)
    spectrum = np.fft.rfft(wave, size * factor)[: size // 2 + 1]
    top = size // 25
    spectrum[-top:] *= ramp(np.arange(top), top)[::-1]
    return np.fft.irfft(spectrum, size)[:frames] / factor
