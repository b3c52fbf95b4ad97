"""Sample peak: the highest sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stemwright.base.decibels import decibels
from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter
from stemwright.measure.levels import Levels

_KEY = "max_peak_dbfs"


@dataclass(frozen=True)
class SamplePeak(LoudnessGate):
    """The highest sample (dBFS) does not exceed the limit of `master.target`.

    It is checked only if the target has such a limit (acx: -3).

    Source: ACX audio submission requirements. Remedy: lower the limiter's ceiling.
    """

    stages = ("master", "delivered")

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),) if _KEY in subject.context.get("target", {}) else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        if not meters:
            return []
        peak = decibels(meters[0].peak)
        found = peak if math.isfinite(peak) and math.isfinite(meters[0].means.sum()) else None
        fault, remedy = "the file is silent, or a sample is not finite", "lower master.limiter.ceiling_db"
        check = self.at_most(subject, "sample_peak", found, "dBFS", None, _KEY, fault, remedy)
        return [check if found is None else replace(check, places=[(meters[0].peak_at, 1)])]
