"""Clicks: steps and spikes that stick out of what the sound before and after them predicts.

Linear prediction for finding clicks: Vaseghi & Rayner, "Detection and suppression of impulsive noise in speech
communication systems", 1990; Godsill & Rayner, "Digital Audio Restoration", 1998, chapter 5.
"""

from __future__ import annotations

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.measure._base import Meter

_FINE_S = 0.001
_ALONE, _CONTEXT = 50, 60  # in steps of 1 ms
_OUT = 10 ** (12 / 20)
_LEAST, _PART = 10 ** (-50 / 20), 10 ** (-34 / 20)
_LOUDER = 10 ** (6 / 10)
_TURN, _TURN_S = 0.4, 0.00015
_ORDER, _FIT_S, _NEAR_S, _EDGE_S = 12, 0.01, 0.0005, 0.01
_NORMAL = 1.4826  # the standard deviation of normal deviates over their median magnitude


class Clicks(Meter):
    """`found`: (seconds, dB over the floor) of clicks, ascending.

    What is looked for is a residual of linear prediction (order 12, fitted to 10 ms on either side) that stands
    `over_db` over its median magnitude there. It is a click only if it
    - stands 12 dB over all else within 50 ms, in second differences: a train of pulses is a tone, a hiss an attack;
    - is a jump of value, not of slope alone, as where a tone starts at its zero crossing;
    - is no weaker than -50 dBFS, and than -34 dB of the sound around it;
    - does not begin a sound that is 6 dB louder than what was before: that is an attack;
    - lies further than 10 ms from the file's ends: where sound is cut off there, that is no click within.
    `finite` tells whether all samples were.
    """

    def __init__(self, over_db: float):
        self.over_db = over_db

    def start(self, rate: int, channels: int) -> None:
        self.rate, self.finite = rate, True
        self._fine = max(1, round(_FINE_S * rate))
        self._held = np.zeros(
            (_CONTEXT * self._fine, channels)
        )  # not looked at yet, behind the context before it
        self._at = -len(self._held)
        self._found: list[tuple[float, float]] = []

    def feed(self, block: np.ndarray) -> None:
        self._held = np.concatenate((self._held, block))
        if len(self._held) >= 4 * _CONTEXT * self._fine:
            self._look()

    @property
    def found(self) -> list[tuple[float, float]]:
        if len(self._held):
            end = (self._at + len(self._held)) / self.rate
            padding = np.zeros(((_CONTEXT + 1) * self._fine, self._held.shape[1]))
            self._held = np.concatenate((self._held, padding))
            self._look()
            self._held = padding[:0]
            self._found = [click for click in self._found if _EDGE_S < click[0] < end - _EDGE_S]
        return self._found

    def _look(self) -> None:
        """Clicks in all that is held but for the context at its ends; only that context is held on to."""
        samples, fine = self._held, self._fine
        whole = len(samples) // fine
        bends = samples[2 : whole * fine] - samples[1 : whole * fine - 1]
        bends -= samples[1 : whole * fine - 1] - samples[: whole * fine - 2]
        np.abs(bends, out=bends)
        peaks = np.concatenate((bends, bends[-2:])).reshape(whole, -1).max(axis=1)
        self.finite = self.finite and bool(np.isfinite(peaks.sum()))
        sides = np.lib.stride_tricks.sliding_window_view(peaks, _ALONE - 1).max(axis=1)
        centre = slice(_CONTEXT, whole - _CONTEXT)
        before = sides[_CONTEXT - _ALONE : whole - _CONTEXT - _ALONE]
        after = sides[_CONTEXT + 2 : whole - _CONTEXT + 2]
        out = (peaks[centre] >= _LEAST) & (peaks[centre] >= _OUT * np.maximum(before, after))
        out &= (peaks[centre] >= peaks[_CONTEXT - 1 : whole - _CONTEXT - 1]) & (
            peaks[centre] > peaks[_CONTEXT + 1 : whole - _CONTEXT + 1]
        )
        for step in (np.flatnonzero(out) + _CONTEXT).tolist():
            part = bends[step * fine : (step + 1) * fine]
            frame, channel = np.unravel_index(np.argmax(part), part.shape)
            at = step * fine + int(frame) + 2  # where the jump is: a bend takes two samples before it
            over = self._over(samples[at - _ALONE * fine : at + _ALONE * fine, channel])
            if over >= self.over_db:
                self._found.append(((self._at + at) / self.rate, over))
        done = (whole - 2 * _CONTEXT) * fine
        self._held, self._at = samples[done:], self._at + done

    def _over(self, samples: np.ndarray) -> float:
        """How far in dB the middle of 100 ms of a channel stands over the floor of the residual; 0 for no click."""
        middle, near = len(samples) // 2, round(_NEAR_S * self.rate)
        fit, turn = round(_FIT_S * self.rate), max(2, round(_TURN_S * self.rate))
        bend = np.diff(samples[middle - turn - 1 : middle + turn + 1], 2)
        highest, lowest = max(bend.max(), 0), max(-bend.min(), 0)
        if min(highest, lowest) < _TURN * max(highest, lowest):
            return 0.0
        before, after = samples[middle - fit : middle - near], samples[middle + near : middle + fit]
        around = np.concatenate((before, after))
        if (
            np.var(after) > _LOUDER * np.var(before)
            or np.abs(bend).max() < _PART * np.abs(around - around.mean()).max()
        ):
            return 0.0
        residual = _residual(samples[middle - fit - _ORDER : middle + fit], fit, near)
        floor = _NORMAL * np.median(np.abs(np.concatenate((residual[: fit - near], residual[fit + near :]))))
        return decibels(np.abs(residual[fit - near : fit + near]).max() / max(floor, 1e-9))


def _residual(samples: np.ndarray, middle: int, near: int) -> np.ndarray:
    """What a predictor from _ORDER samples leaves, fitted (least squares) to all but what is `near` the middle."""
    rows = np.lib.stride_tricks.sliding_window_view(samples, _ORDER + 1)
    steady = np.r_[0 : middle - near, middle + near + _ORDER : len(rows)]
    past, now = rows[steady, :-1], rows[steady, -1]
    # A little of the diagonal, so that pure tones and silence have an answer.
    power = past.T @ past + 1e-9 * (np.sum(past**2) / _ORDER + 1e-12) * np.eye(_ORDER)
    return rows[:, -1] - rows[:, :-1] @ np.linalg.solve(power, past.T @ now)
