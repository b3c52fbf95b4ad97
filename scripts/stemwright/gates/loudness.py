"""Loudness: the master is as loud as its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.loudness import Loudness as LoudnessMeter


@dataclass(frozen=True)
class Loudness(Gate):
    """Integrated loudness (EBU R128) within the tolerance of `master.target`, on the finished file."""

    kinds = ("master",)

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (LoudnessMeter(true_peak=True),)  # as the true_peak gate wants it: one pass does for both

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        found, target = meters[0].integrated, subject.facts.get("loudness")
        if target is None:
            measured = None if found is None else round(found, 2)
            return [Check("loudness", "skip", measured, "LUFS", reason="the song has no loudness target")]
        wanted, tolerance = target["integrated_lufs"], target["tolerance_lu"]
        limit = f"{wanted:g} ±{tolerance:g}"
        if found is None:
            why = "cannot be measured: under 400 ms, nothing above -70 LUFS, or not finite"
            remedy = "see silence and finite, or leave out master.target"
            return [Check("loudness", self.failed(), None, "LUFS", limit, why, remedy)]
        remedy = "the limiter cannot reach it: turn the mix up, compress it, or choose another master.target"
        status = "pass" if abs(found - wanted) <= tolerance else self.failed()
        return [Check("loudness", status, round(found, 2), "LUFS", limit, remedy=remedy)]
