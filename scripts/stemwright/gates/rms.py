"""RMS: the level by which audiobooks are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import SEE_GATES, LoudnessGate, missed_by, round_level
from stemwright.measure import Meter
from stemwright.measure.rms import Rms as RmsMeter


@dataclass(frozen=True)
class Rms(LoudnessGate):
    """The RMS level of the file (dBFS, unweighted, mean power of the channels) is in the range of `master.target`.

    It is checked only if the target has such a range (acx: -23 to -18).

    Source: ACX audio submission requirements. Remedy: compress the mix, or turn it down.
    """

    stages = ("master", "delivered")

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (RmsMeter(),) if "min_rms_dbfs" in subject.context.get("target", {}) else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        if not meters:
            return []
        target, found = subject.context["target"], round_level(meters[0].rms)
        low, high = target["min_rms_dbfs"], target["max_rms_dbfs"]
        limit = f"{low:g} to {high:g} ({target['name']})"
        if found is None:
            why = "cannot be measured: a sample is not finite"
            return [Check("rms", self.missed_target(target), None, "dBFS", limit, why, SEE_GATES)]
        if found == float("-inf"):
            return [
                Check("rms", self.missed_target(target), "-inf", "dBFS", limit, "it is silent", SEE_GATES)
            ]
        status = "pass" if low <= found <= high else self.missed_target(target)
        reason, remedy = missed_by(subject, found - min(max(found, low), high), "dB")
        if subject.alone:  # it may never have seen a limiter
            remedy = f"turn it down by {found - high:.1f} dB" if found > high else "raise it, or compress it"
        remedy = remedy or "the limiter cannot reach the range: compress the mix, or turn it down"
        return [Check("rms", status, found, "dBFS", limit, reason, remedy)]
