"""PLR: the peak to loudness ratio, a measure of dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Severity, Subject
from stemwright.gates._loudness import SEE_GATES, LoudnessGate
from stemwright.measure import Meter
from stemwright.measure.true_peak import TruePeak
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Plr(LoudnessGate):
    """The peak to loudness ratio (true peak minus integrated loudness, in LU) is at least 8.

    With less, music sounds over-compressed.

    Source: AES TD1004 defines the ratio; the limit is a rule of thumb, hence a warning. Remedy: limit or compress the
    mix less, or choose a quieter target.
    """

    example = "{min_lu: 6}"

    severity: Severity = "warn"
    min_lu: Annotated[float, Field("The lowest ratio allowed.", "LU", ge=0, le=40)] = 8.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (self.loudness(subject), TruePeak())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        loudness, peak = meters
        limit = f">= {self.min_lu:g}"
        if loudness.integrated is None or peak.true_peak is None:
            why = f"cannot be measured: {loudness.fault}"
            return [Check("plr", self.failed(), None, "LU", limit, why, SEE_GATES)]
        found = round(peak.true_peak - loudness.integrated, 2)
        status = "pass" if found >= self.min_lu else self.failed()
        remedy = "limit or compress the mix less, or choose a quieter master.target"
        return [Check("plr", status, found, "LU", limit, remedy=remedy)]
