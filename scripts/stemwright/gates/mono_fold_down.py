"""Mono fold-down: the loudness that is lost when stereo is played as mono."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Finite
from stemwright.measure.loudness import Loudness
from stemwright.measure.stereo import Stereo
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class MonoFoldDown(Gate):
    """The mono sum, (left + right) / 2 on both loudspeakers, is not much quieter than the stereo signal.

    Both are measured as integrated loudness (EBU R 128). For channels of equal level and correlation r, the loss is
    -10 log10((1 + r) / 2): 0 for mono, 3.01 LU for uncorrelated channels, 6.02 LU for r = -0.5, infinite for inverted
    channels. Phones, clubs and radio play the mono sum.

    Source: ITU-R BS.1770 of the sum; 3 and 6 LU are r = 0 and r = -0.5. Remedy: narrow the widest stem, or invert one
    of its channels.
    """

    example = "{warn_lu: 4}"

    stages = ("mix", "master")

    warn_lu: Annotated[float, Field("Loss from which the gate warns.", "LU", ge=0, le=60)] = 3.0
    error_lu: Annotated[float, Field("Loss from which the file is refused.", "LU", ge=0, le=60)] = 6.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Loudness(), Stereo(), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        loudness, sides, finite = meters
        if sides.channels == 1:
            return [Check("mono_fold_down", "skip", reason="the file is mono")]
        limit = f"<= {self.error_lu:g} (warns over {self.warn_lu:g})"
        remedy = "what is out of phase is lost: find the stem by listening in mono; narrow it, or invert one channel"
        stereo, sum_ = loudness.integrated, loudness.mono
        if finite.bad:
            return [self.not_finite("mono_fold_down")]
        if stereo is None:
            why = "nothing in it is above -70 LUFS"
            return [Check("mono_fold_down", "skip", reason=why)]
        if sum_ is None:
            why = "nothing above -70 LUFS is left in mono"
            return [Check("mono_fold_down", self.failed(), "inf", "LU", limit, why, remedy)]
        lost = stereo - sum_
        status = self.failed() if lost > self.error_lu else "warn" if lost > self.warn_lu else "pass"
        return [Check("mono_fold_down", status, round(lost, 2), "LU lost", limit, remedy=remedy)]
