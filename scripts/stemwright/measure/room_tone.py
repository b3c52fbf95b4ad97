"""Room tone: how long a recording of speech goes on before its first and after its last word."""

from __future__ import annotations

from array import array

import numpy as np

from stemwright.measure._base import Meter
from stemwright.measure._steps import STEP_MS, frames_of_a_step, sliding_means, whole_steps

_FLOOR_STEPS = 10
_OVER = 10**1.2  # 12 dB over the quietest 0.1 s,
_LEAST = 1e-6  # and at least -60 dBFS


class RoomTone(Meter):
    """`head` and `tail`, in s: the time before the first and after the last speech; None if there is none.

    Speech is where the RMS of 10 ms is 12 dB over that of the quietest 0.1 s, and over -60 dBFS.
    """

    def start(self, rate: int, channels: int) -> None:
        self._rate, self._step = rate, frames_of_a_step(rate)
        self._rest = np.zeros(0)  # squares of the step that is not complete yet
        self._frames = 0
        self._powers = array("d")  # the mean of each step

    def feed(self, block: np.ndarray) -> None:
        squares = np.einsum("fc,fc->f", block, block) / block.shape[1]
        self._frames += len(block)
        whole, self._rest = whole_steps(self._rest, squares, self._step)
        self._powers.extend(whole.reshape(-1, self._step).mean(axis=1))

    @property
    def head(self) -> float | None:
        """The time before the first speech, to 10 ms."""
        speech = self._speech()
        return float(speech[0]) * self._step / self._rate if len(speech) else None

    @property
    def tail(self) -> float | None:
        """The time after the last speech, to 10 ms."""
        speech = self._speech()
        if not len(speech):
            return None
        return max(0.0, self._frames - (float(speech[-1]) + 1) * self._step) / self._rate

    def _speech(self) -> np.ndarray:
        """The steps in which someone speaks."""
        powers = np.array(self._powers)
        quiet = sliding_means(powers, _FLOOR_STEPS)
        if not len(quiet) or not np.isfinite(powers).all():
            return np.zeros(0)
        return np.flatnonzero(powers > max(_OVER * quiet.min(), _LEAST))


RESOLUTION_S = STEP_MS / 1000
"""How exactly the ends of speech are known."""
