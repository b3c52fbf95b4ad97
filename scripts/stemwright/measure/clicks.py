"""Clicks: steps and spikes that linear prediction from the sound around them does not explain.

Sources for the method: Vaseghi & Rayner, "Detection and suppression of impulsive noise in speech
communication systems", 1990; Godsill & Rayner, "Digital Audio Restoration", 1998, chapter 5.
"""

from __future__ import annotations

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.measure._base import Meter

_STEP_S = 0.001
_ISOLATION, _CONTEXT = 50, 60  # steps of 1 ms
_MIN_RATIO = 10 ** (12 / 20)
_MIN_BEND, _MIN_RELATIVE = 10 ** (-50 / 20), 10 ** (-34 / 20)
_ATTACK_RATIO = 10 ** (6 / 10)
_MIN_REVERSAL, _REVERSAL_S = 0.4, 0.00015
_ORDER, _FIT_S, _GUARD_S, _EDGE_S = 12, 0.01, 0.0005, 0.01
_NORMAL = 1.4826  # standard deviation of a normal distribution over its median absolute deviation


class Clicks(Meter):
    """`found`: (seconds, height in dB) of each click, ascending in time. `finite`: whether all samples were.

    The residual of linear prediction (order 12, fitted to 10 ms on either side) must exceed its median magnitude
    there by `over_db`. Such a peak is a click only if
    - its second difference is 12 dB above all others within 50 ms (a pulse train is a tone, a hiss an attack);
    - the value jumps, and not only the slope, as it does where a tone starts at a zero crossing;
    - it reaches -50 dBFS, and -34 dB relative to the sound around it;
    - the sound after it is not 6 dB louder than the sound before it: that would be an attack;
    - it lies more than 10 ms from both ends of the file: sound cut off there is measured by `Edges`.
    """

    def __init__(self, over_db: float):
        self.over_db = over_db

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._step = max(1, round(_STEP_S * rate))
        # Samples not analysed yet, and the context before them.
        self._pending = np.zeros((_CONTEXT * self._step, channels))
        self._at = -len(self._pending)
        self._found: list[tuple[float, float]] = []

    def feed(self, block: np.ndarray) -> None:
        self._pending = np.concatenate((self._pending, block))
        if len(self._pending) >= 4 * _CONTEXT * self._step:
            self._analyse()

    @property
    def found(self) -> list[tuple[float, float]]:
        """(time in s, dB over the floor of the residual) of each click, in order."""
        if len(self._pending):
            end = (self._at + len(self._pending)) / self.rate
            padding = np.zeros(((_CONTEXT + 1) * self._step, self._pending.shape[1]))
            self._pending = np.concatenate((self._pending, padding))
            self._analyse()
            self._pending = padding[:0]
            self._found = [click for click in self._found if _EDGE_S < click[0] < end - _EDGE_S]
        return self._found

    def _analyse(self) -> None:
        """Find the clicks in the pending samples, without the context at both ends, which stays pending."""
        samples, step_frames = self._pending, self._step
        whole = len(samples) // step_frames
        bends = samples[2 : whole * step_frames] - samples[1 : whole * step_frames - 1]
        bends -= samples[1 : whole * step_frames - 1] - samples[: whole * step_frames - 2]
        np.abs(bends, out=bends)
        peaks = np.maximum.reduceat(bends.reshape(-1), np.arange(whole) * step_frames * samples.shape[1])
        self.finite = self.finite and bool(np.isfinite(peaks.sum()))
        sides = _sliding_max(peaks, _ISOLATION - 1)
        centre = slice(_CONTEXT, whole - _CONTEXT)
        before = sides[_CONTEXT - _ISOLATION : whole - _CONTEXT - _ISOLATION]
        after = sides[_CONTEXT + 2 : whole - _CONTEXT + 2]
        out = (peaks[centre] >= _MIN_BEND) & (peaks[centre] >= _MIN_RATIO * np.maximum(before, after))
        out &= (peaks[centre] >= peaks[_CONTEXT - 1 : whole - _CONTEXT - 1]) & (
            peaks[centre] > peaks[_CONTEXT + 1 : whole - _CONTEXT + 1]
        )
        for step in (np.flatnonzero(out) + _CONTEXT).tolist():
            part = bends[step * step_frames : (step + 1) * step_frames]
            frame, channel = np.unravel_index(np.argmax(part), part.shape)
            at = (
                step * step_frames + int(frame) + 2
            )  # a second difference belongs to the last of its three samples
            over = self._height_db(
                samples[at - _ISOLATION * step_frames : at + _ISOLATION * step_frames, channel]
            )
            if over >= self.over_db:
                self._found.append(((self._at + at) / self.rate, over))
        done = (whole - 2 * _CONTEXT) * step_frames
        self._pending, self._at = samples[done:], self._at + done

    def _height_db(self, samples: np.ndarray) -> float:
        """The height in dB of the residual in the middle of 100 ms of a channel over its floor; 0 for no click."""
        middle, guard = len(samples) // 2, round(_GUARD_S * self.rate)
        fit, reversal = round(_FIT_S * self.rate), max(2, round(_REVERSAL_S * self.rate))
        bend = np.diff(samples[middle - reversal - 1 : middle + reversal + 1], 2)
        highest, lowest = max(bend.max(), 0), max(-bend.min(), 0)
        if min(highest, lowest) < _MIN_REVERSAL * max(highest, lowest):
            return 0.0
        before, after = samples[middle - fit : middle - guard], samples[middle + guard : middle + fit]
        around = np.concatenate((before, after))
        if (
            np.var(after) > _ATTACK_RATIO * np.var(before)
            or np.abs(bend).max() < _MIN_RELATIVE * np.abs(around - around.mean()).max()
        ):
            return 0.0
        residual = _residual(samples[middle - fit - _ORDER : middle + fit], fit, guard)
        floor = _NORMAL * np.median(
            np.abs(np.concatenate((residual[: fit - guard], residual[fit + guard :])))
        )
        return decibels(np.abs(residual[fit - guard : fit + guard]).max() / max(floor, 1e-9))


def _sliding_max(values: np.ndarray, length: int) -> np.ndarray:
    """The maximum of every window of `length` values: of windows of 2, 4, 8 … values, and of two of these."""
    width = 1
    while 2 * width <= length:
        values, width = np.maximum(values[:-width], values[width:]), 2 * width
    rest = length - width
    return np.maximum(values[: len(values) - rest], values[rest:]) if rest else values


def _residual(samples: np.ndarray, middle: int, guard: int) -> np.ndarray:
    """The residual of a linear predictor of order _ORDER, fitted by least squares to all but the middle.

    `guard` samples on either side of `middle` are left out of the fit.
    """
    rows = np.lib.stride_tricks.sliding_window_view(samples, _ORDER + 1)
    steady = np.r_[0 : middle - guard, middle + guard + _ORDER : len(rows)]
    past, now = rows[steady, :-1], rows[steady, -1]
    # Diagonal loading: pure tones and silence would make the matrix singular.
    power = past.T @ past + 1e-9 * (np.sum(past**2) / _ORDER + 1e-12) * np.eye(_ORDER)
    return rows[:, -1] - rows[:, :-1] @ np.linalg.solve(power, past.T @ now)
