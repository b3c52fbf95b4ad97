"""Loudness by ITU-R BS.1770-5 and EBU R 128: integrated, momentary, short-term, range.

The power of the K-weighted sound is kept for every step of 10 ms, which EBU Tech 3341's case 13 needs; all
windows are means of such steps. The loudness range is computed from windows 100 ms apart, as Tech 3342 requires.
"""

from __future__ import annotations

import copy
import math
from array import array
from collections.abc import Iterator

import numpy as np

from stemwright.audio.biquads import at_rest, filter_rows
from stemwright.audio.stream import Stream
from stemwright.measure._base import Meter
from stemwright.measure._k_weighting import k_weighting
from stemwright.measure._steps import STEP_MS, frames_of_a_step, sliding_means, whole_steps

MOMENTARY, SHORT_TERM = 0.4, 3.0
"""Seconds of the two windows (Tech 3341, 2.2)."""

_GATE = 1e-7  # -70 LUFS, the absolute gate, as a power
_HOP = (
    100 // STEP_MS
)  # gating blocks overlap by 75 % (BS.1770-5, annex 1); short-term for the range is at 10 Hz
_SCALE = 10**-0.0691  # -0.691 (BS.1770-5)
_WINDOWS = 6_000  # worked out at a time: a minute of them, a multiple of the hop
_STEPS = 64  # filtered at a time: few enough to stay in the processor's cache
_SILENT_STATE, _SILENT_POWER = 1e-40, 1e-60  # below which a filter that dies away is taken to have done so
_RELATIVE, _RANGE_RELATIVE = 0.1, 0.01  # -10 LU (BS.1770-5) and -20 LU (Tech 3342) as powers


class Loudness(Meter):
    """Loudness of a whole file. What cannot be measured is None, and `fault` says why.

    `integrated`, `max_momentary` and `max_short_term` in LUFS, `range` in LU; `momentary` and `short_term`
    are every window's, one each 10 ms, in LUFS (-inf where silent).
    Nothing can be measured where a sample is NaN or infinite, nor integrated where nothing passes the gate at -70 LUFS.
    A file that is shorter than a window is measured as if silence followed: a one-shot under 400 ms has its highest
    momentary loudness as its integrated loudness. `is_finite`: all samples are.

    A mono file is one channel, as BS.1770-5 sums channels and players measure it; with `dual_mono` it is measured as it
    is heard from two loudspeakers, 3.01 LU louder. `mono` is the `integrated` of what is left of a stereo file in mono:
    (left + right) / 2, from both loudspeakers; None of another file.
    """

    def __init__(self, dual_mono: bool = False):
        self.dual_mono = dual_mono

    def start(self, rate: int, channels: int) -> None:
        self._rate, self._frames, self._step = rate, 0, frames_of_a_step(rate)
        self._rest = np.zeros((0, channels))
        self.is_finite = True
        self._is_stereo = channels == 2
        # The mid of a stereo file counts twice, since left and right have it; so does a mono file on two loudspeakers.
        self._scale = _SCALE * (2 if self._is_stereo or self.dual_mono else 1)
        self._sections = k_weighting(rate)
        self._state = at_rest(self._sections, channels)
        self._step_powers = [array("d") for _ in range(channels)]  # on the scale of 10^(LUFS/10)

    def feed(self, block: np.ndarray) -> None:
        # A filter never forgets a sample that is not finite: no measure of the file, then.
        self.is_finite = self.is_finite and bool(np.isfinite(block.sum()))
        self._frames += len(block)
        if not self.is_finite:
            return
        frames, self._rest = whole_steps(self._rest, block, self._step)
        for at in range(0, len(frames), _STEPS * self._step):
            self._weigh(frames[at : at + _STEPS * self._step])

    def _weigh(self, frames: np.ndarray) -> None:
        """Append the powers of whole steps."""
        rows = np.empty(frames.shape[::-1])
        if self._is_stereo:
            # As mid and side, whose powers add up to those of left and right, for the mid is what is left in mono.
            np.add(frames[:, 0], frames[:, 1], out=rows[0])
            np.subtract(frames[:, 0], frames[:, 1], out=rows[1])
            rows *= 0.5
        else:
            rows[:] = frames.T
        filter_rows(self._sections, rows, self._state)
        # Else it would end, in silence, in numbers so small that processors take many times as long for them.
        self._state[np.abs(self._state) < _SILENT_STATE] = 0
        steps = rows.reshape(len(rows), -1, self._step)
        powers = np.einsum("cij,cij->ci", steps, steps) * (self._scale / self._step)
        powers[powers < _SILENT_POWER] = 0
        for kept, more in zip(self._step_powers, powers, strict=True):
            kept.frombytes(more.tobytes())

    @property
    def fault(self) -> str:
        """Why a measurement is None."""
        return "nothing in it is above -70 LUFS" if self.is_finite else "a sample is not finite"

    @property
    def seconds(self) -> float:
        """The length of the file."""
        return self._frames / self._rate

    @property
    def momentary(self) -> np.ndarray:
        """The loudness of each window of 400 ms, in LUFS."""
        return _lufs(self._powers(MOMENTARY))

    @property
    def short_term(self) -> np.ndarray:
        """The loudness of each window of 3 s, in LUFS."""
        return _lufs(self._powers(SHORT_TERM))

    @property
    def max_momentary(self) -> float | None:
        """The highest momentary loudness, in LUFS; None if it cannot be measured."""
        return self._highest(MOMENTARY)

    @property
    def max_short_term(self) -> float | None:
        """The highest short-term loudness, in LUFS; None if it cannot be measured."""
        return self._highest(SHORT_TERM)

    @property
    def integrated(self) -> float | None:
        """The integrated, gated loudness, in LUFS; None if it cannot be measured."""
        return _integrated(self._powers(MOMENTARY, _HOP))

    def loudest(self, seconds: float) -> tuple[int, int]:
        """Where the loudest window is.

        Parameters
        ----------
        seconds : float
            The length of the window.

        Returns
        -------
        first, frames : int
            Its first frame, and how many it has.
        """
        return int(self._powers(seconds).argmax()) * self._step, round(seconds * self._rate)

    @property
    def passing(self) -> np.ndarray:
        """For each window of 400 ms, 100 ms apart, whether it passes both gates: it counts in `integrated`."""
        powers = self._powers(MOMENTARY, _HOP)
        loud = _above(powers)
        return powers >= loud.min() if len(loud) else np.zeros(len(powers), bool)

    def within(self, windows: np.ndarray) -> float | None:
        """The loudness of some windows of 400 ms, 100 ms apart, in LUFS; None if they are silent.

        Parameters
        ----------
        windows : numpy.ndarray of bool
            Which of them; of a file of the same length, see `passing`.

        Returns
        -------
        float or None
        """
        powers = self._powers(MOMENTARY, _HOP)
        chosen = powers[: len(windows)][windows[: len(powers)]]
        mean = chosen.mean() if len(chosen) else 0.0
        return _rounded(10 * math.log10(mean)) if mean > 0 else None

    @property
    def mono(self) -> float | None:
        """The integrated loudness of the mono sum of a stereo file, in LUFS; None for a mono file."""
        return _integrated(self._powers(MOMENTARY, _HOP, self._step_powers[:1])) if self._is_stereo else None

    def scaled(self, shares: np.ndarray, gain_db: float) -> Loudness:
        """The loudness of what was measured, at a gain, if of the power of its steps only a part were left.

        Parameters
        ----------
        shares : numpy.ndarray
            What is left of each step of 10 ms, as a share of its power; of all that follow, as of the last.
        gain_db : float
            The gain in dB.

        Returns
        -------
        Loudness
            One that cannot be fed any more.
        """
        factors = np.full(len(self._step_powers[0]), (shares[-1] if len(shares) else 1.0))
        factors[: len(shares)] = shares[: len(factors)]
        factors *= 10 ** (gain_db / 10)
        other = copy.copy(self)
        other._step_powers = [
            array("d", (np.frombuffer(row) * factors).tobytes()) for row in self._step_powers
        ]
        return other

    @property
    def range(self) -> float | None:
        """From the 10th to the 95th percentile of what is not silence (Tech 3342, 3)."""
        loud = np.sort(_above(self._powers(SHORT_TERM, _HOP), _RANGE_RELATIVE))
        if not len(loud):
            return None
        low, high = (loud[round((len(loud) - 1) * part)] for part in (0.10, 0.95))
        return _rounded(10 * math.log10(high / low))

    def _powers(self, seconds: float, hop: int = 1, kept: list[array] | None = None) -> np.ndarray:
        """The mean power of every window, or of each `hop`-th, on the scale of 10^(LUFS/10).

        There is none where a sample is not finite.
        """
        if not self.is_finite:
            return np.zeros(0)
        length = round(seconds * 1000 / STEP_MS)
        missing = max(0, round(MOMENTARY * 1000 / STEP_MS) - len(self._step_powers[0]))
        if missing:
            # Silence follows: what has not filled a step counts, and so does the end of the filters' response.
            silence = np.zeros((missing * self._step - len(self._rest), self._rest.shape[1]))
            self._weigh(np.concatenate((self._rest, silence)))
            self._rest = self._rest[:0]
        rows = [np.frombuffer(row) for row in kept or self._step_powers]
        windows = max(0, len(rows[0]) - length) + 1
        means = []
        for at in range(0, windows, _WINDOWS):
            powers = np.sum([row[at : min(at + _WINDOWS, windows) + length - 1] for row in rows], axis=0)
            means.append(sliding_means(np.pad(powers, (0, max(0, length - len(powers)))), length, hop))
        return np.concatenate(means)

    def _highest(self, seconds: float) -> float | None:
        highest = self._powers(seconds).max(initial=0)
        return _rounded(10 * math.log10(highest)) if highest > 0 else None


def steps_of(blocks: Stream, rate: int) -> Iterator[np.ndarray]:
    """A stream in whole steps, as the loudness is measured in them: arrays of shape (steps, frames, channels)."""
    size, rest = frames_of_a_step(rate), np.zeros((0, 1))
    for block in blocks:
        whole, rest = whole_steps(rest, block, size)
        yield whole.reshape(-1, size, block.shape[1])


def _integrated(powers: np.ndarray) -> float | None:
    loud = _above(powers)
    return _rounded(10 * math.log10(loud.mean())) if len(loud) else None


def _above(powers: np.ndarray, relative: float = _RELATIVE) -> np.ndarray:
    """What passes the absolute gate, and then the gate relative to the mean of that."""
    loud = powers[powers > _GATE]
    return loud[loud > relative * loud.mean()] if len(loud) else loud


def _lufs(powers: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return 10 * np.log10(powers)


def _rounded(value: float) -> float:
    """Without the last bits, in which processors differ: the master's gain is set by what is measured."""
    return round(value, 6)
