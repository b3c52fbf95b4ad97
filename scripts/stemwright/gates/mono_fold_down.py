"""Mono fold-down: what is lost where stereo is played by one loudspeaker."""

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
    """The mono sum, (left + right) / 2 from both loudspeakers, is not much softer than the stereo.

    Both are integrated loudness (EBU R128). For sides of equal level and of correlation r, the loss is
    -10 log10((1 + r) / 2): none for mono, 3.01 LU for sides that have nothing to do with each other, 6.02
    for r = -0.5, all of it for opposite sides. Phones, clubs and radio play that sum.

    Source: ITU-R BS.1770 on the sum; 3 and 6 LU are r = 0 and r = -0.5. Remedy: narrow the widest
    stem, or turn one of its sides round.
    """

    example = "{warn_lu: 4}"

    stages = ("mix", "master")

    warn_lu: Annotated[float, Field("Loss that is reported.", "LU", ge=0, le=60)] = 3.0
    error_lu: Annotated[float, Field("Loss that refuses the file.", "LU", ge=0, le=60)] = 6.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Loudness(), Stereo(), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        loudness, sides, finite = meters
        if sides.channels == 1:
            return [Check("mono_fold_down", "skip", reason="the file is mono")]
        limit = f"<= {self.error_lu:g} (warns over {self.warn_lu:g})"
        remedy = (
            "what is out of phase vanishes: find the stem by listening in mono; narrow it, or invert one side"
        )
        stereo, sum_ = loudness.integrated, loudness.mono
        if finite.bad:
            return [self.not_finite("mono_fold_down")]
        if stereo is None:
            why = "it is under 400 ms, or nothing in it is above -70 LUFS"
            return [Check("mono_fold_down", "skip", reason=why)]
        if sum_ is None:
            why = "nothing above -70 LUFS is left in mono"
            return [Check("mono_fold_down", self.failed(), "inf", "LU", limit, why, remedy)]
        lost = stereo - sum_
        status = self.failed() if lost > self.error_lu else "warn" if lost > self.warn_lu else "pass"
        return [Check("mono_fold_down", status, round(lost, 2), "LU lost", limit, remedy=remedy)]
