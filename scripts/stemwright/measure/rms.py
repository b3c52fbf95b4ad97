"""RMS, unweighted and ungated: of the whole file, and of its quietest half second (the noise floor)."""

from __future__ import annotations

from array import array

import numpy as np

from stemwright.base.decibels import decibels
from stemwright.measure._base import Meter
from stemwright.measure._steps import frames_of_a_step, sliding_means, whole_steps

_QUIET = 50  # steps of 10 ms


class Rms(Meter):
    """`rms`, `noise_floor`: in dBFS, 0 for a square wave at full scale, -inf for silence; None if not finite.

    Power is the mean over the channels. The noise floor is the RMS of the quietest half second (as audiobook
    producers measure room tone); None for a shorter file.
    """

    def start(self, rate: int, channels: int) -> None:
        self._step = frames_of_a_step(rate)
        self._rest = np.zeros(0)  # squares of the step that is not complete yet
        self._power, self._frames = 0.0, 0
        self._powers = array("d")  # the mean of each step

    def feed(self, block: np.ndarray) -> None:
        squares = np.einsum("fc,fc->f", block, block) / block.shape[1]
        self._power += float(squares.sum())
        self._frames += len(block)
        whole, self._rest = whole_steps(self._rest, squares, self._step)
        self._powers.extend(whole.reshape(-1, self._step).mean(axis=1))

    @property
    def rms(self) -> float | None:
        """The RMS of the whole file, in dBFS; None if it cannot be measured."""
        return _level(self._power / self._frames if self._frames else np.nan)

    @property
    def noise_floor(self) -> float | None:
        """The RMS of the quietest half second, in dBFS; None if it cannot be measured."""
        quiet = self._quiet()
        return _level(quiet.min()) if len(quiet) else None

    @property
    def quietest(self) -> tuple[int, int]:
        """Where the quietest half second is, if there is one.

        Returns
        -------
        first, frames : int
            Its first frame, and how many it has.
        """
        return int(self._quiet().argmin()) * self._step, _QUIET * self._step

    def _quiet(self) -> np.ndarray:
        return sliding_means(np.array(self._powers), _QUIET)


def _level(power: float) -> float | None:
    return decibels(float(np.sqrt(power))) if np.isfinite(power) else None
