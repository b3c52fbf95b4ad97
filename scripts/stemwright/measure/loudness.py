"""Loudness by ITU-R BS.1770-5 and EBU R 128: integrated, momentary, short-term, range.

libebur128 weighs and squares (K-weighting at any rate, channel weights); the windows are ours. Its own momentary
value would have to be asked for every 10 ms to hold EBU Tech 3341's case 13, at four times the cost of
the whole measurement; and its loudness range steps by 1 s, where Tech 3342 wants 100 ms.
"""

from __future__ import annotations

import math
from array import array

import numpy as np

from stemwright.measure._base import Meter
from stemwright.measure._steps import STEP_MS, frames_of_a_step, sliding_means

MOMENTARY, SHORT_TERM = 0.4, 3.0
"""Seconds of the two windows (Tech 3341, 2.2)."""

_GATE = 1e-7  # -70 LUFS, the absolute gate, as a power
_HOP = (
    100 // STEP_MS
)  # gating blocks overlap by 75 % (BS.1770-5, annex 1); short-term for the range is at 10 Hz
_RELATIVE, _RANGE_RELATIVE = 0.1, 0.01  # -10 LU (BS.1770-5) and -20 LU (Tech 3342) as powers


class Loudness(Meter):
    """Loudness of a whole file. What cannot be measured is None, and `fault` says why.

    `integrated`, `max_momentary` and `max_short_term` in LUFS, `range` in LU; `momentary` and `short_term`
    are every window's, one each 10 ms, in LUFS (-inf where silent).
    Nothing can be measured where a sample is NaN or infinite, nor over a window longer than the file, nor
    integrated where nothing passes the gate at -70 LUFS. `is_finite`: all samples are. A mono file is measured as
    it is heard, from both loudspeakers (dual mono). `mono` is the `integrated` of what is left of a stereo file in
    mono: (left + right) / 2, from both loudspeakers; None of another file.
    """

    def start(self, rate: int, channels: int) -> None:
        import pyebur128 as ebu

        self._step = frames_of_a_step(rate)
        self._rest = np.zeros((0, channels))
        self.is_finite = True
        # Stereo is weighed as mid and side, whose powers add up to it, for the mid is what is left in mono.
        self._is_stereo = channels == 2
        width = 1 if self._is_stereo else channels
        self._states = [
            ebu.R128State(width, rate, ebu.MeasurementMode.MODE_M) for _ in range(channels // width)
        ]
        if width == 1:
            for state in self._states:
                state.set_channel(0, ebu.ChannelType.DUAL_MONO)
        self._levels = [array("d") for _ in self._states]  # LUFS of every step
        self._level = ebu.get_loudness_window

    def feed(self, block: np.ndarray) -> None:
        # The library leaves out what a sample that is not finite spoils: no measure of the file, then.
        self.is_finite = self.is_finite and bool(np.isfinite(block.sum()))
        if not self.is_finite:
            return
        missing = -len(self._rest) % self._step
        self._rest = np.concatenate((self._rest, block[:missing]))
        whole = max(0, len(block) - missing) // self._step * self._step
        if len(self._rest) == self._step:
            self._weigh(self._rest)
            self._rest = self._rest[:0]
        if len(block) > missing:
            self._weigh(block[missing : missing + whole])
            self._rest = block[missing + whole :].copy()

    def _weigh(self, frames: np.ndarray) -> None:
        """Feed whole steps to the library, one by one."""
        if self._is_stereo:
            left, right = frames[:, 0], frames[:, 1]
            flats = [0.5 * (left + right), 0.5 * (left - right)]
        else:
            flats = [np.ascontiguousarray(frames).reshape(-1)]
        step, level = self._step, self._level
        for state, levels, flat in zip(self._states, self._levels, flats, strict=True):
            add, size = state.add_frames, len(flat) // (len(frames) // step) if len(frames) else 1
            for at in range(0, len(flat), size):
                add(flat[at : at + size], step)  # it reads past the end if told more frames
                levels.append(level(state, STEP_MS))

    def fault(self, seconds: float = MOMENTARY) -> str:
        """Why what takes a window of so many seconds is None."""
        if not self.is_finite:
            return "a sample is not finite"
        if len(self._levels[0]) * STEP_MS < seconds * 1000:
            return f"it is under {seconds:g} s long"
        return "nothing in it is above -70 LUFS"

    @property
    def seconds(self) -> float:
        """How much was measured, in whole steps."""
        return len(self._levels[0]) * STEP_MS / 1000

    @property
    def momentary(self) -> np.ndarray:
        return _lufs(self._powers(MOMENTARY))

    @property
    def short_term(self) -> np.ndarray:
        return _lufs(self._powers(SHORT_TERM))

    @property
    def max_momentary(self) -> float | None:
        return self._highest(MOMENTARY)

    @property
    def max_short_term(self) -> float | None:
        return self._highest(SHORT_TERM)

    @property
    def integrated(self) -> float | None:
        return _integrated(self._powers(MOMENTARY))

    @property
    def mono(self) -> float | None:
        return _integrated(self._powers(MOMENTARY, self._levels[:1])) if self._is_stereo else None

    @property
    def range(self) -> float | None:
        """From the 10th to the 95th percentile of what is not silence (Tech 3342, 3)."""
        loud = np.sort(_above(self._powers(SHORT_TERM)[::_HOP], _RANGE_RELATIVE))
        if not len(loud):
            return None
        low, high = (loud[round((len(loud) - 1) * part)] for part in (0.10, 0.95))
        return _rounded(10 * math.log10(high / low))

    def _powers(self, seconds: float, levels: list[array] | None = None) -> np.ndarray:
        """The mean power of every window, on the scale of 10^(LUFS/10); none where a sample is not finite."""
        levels = (levels or self._levels) if self.is_finite else [()]
        powers = sum(10 ** (np.array(each) / 10) for each in levels)
        return sliding_means(powers, round(seconds * 1000 / STEP_MS))

    def _highest(self, seconds: float) -> float | None:
        highest = self._powers(seconds).max(initial=0)
        return _rounded(10 * math.log10(highest)) if highest > 0 else None


def _integrated(powers: np.ndarray) -> float | None:
    loud = _above(powers[::_HOP], _RELATIVE)
    return _rounded(10 * math.log10(loud.mean())) if len(loud) else None


def _above(powers: np.ndarray, relative: float) -> np.ndarray:
    """What passes the absolute gate, and then the gate relative to the mean of that."""
    loud = powers[powers > _GATE]
    return loud[loud > relative * loud.mean()] if len(loud) else loud


def _lufs(powers: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return 10 * np.log10(powers)


def _rounded(value: float) -> float:
    """Without the last bits, in which processors differ: the master's gain is set by what is measured."""
    return round(value, 6)
