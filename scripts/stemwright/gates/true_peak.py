"""True peak: the highest level between samples, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter
from stemwright.measure.true_peak import TruePeak as TruePeakMeter
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class TruePeak(LoudnessGate):
    """The true peak (dBTP, ITU-R BS.1770-5) of the decoded file is at most a ceiling, so that no converter clips it.

    The target's ceiling counts where it is lower. A mix, which is float and goes through the master's limiter, is
    only warned of, over 0 dBTP.

    Source: EBU R 128 (-1 dBTP), ITU-R BS.1770-5 annex 2. Remedy: lower the limiter's ceiling, or turn the master down.
    """

    example = "{max_dbtp: -2}"

    max_dbtp: Annotated[
        float, Field("The highest true peak allowed (EBU R128: -1).", "dBTP", ge=-24, le=6)
    ] = -1.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (TruePeakMeter(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        gate, remedy = self, "give it a master.limiter, lower its ceiling_db, or turn the master down"
        if subject.stage == "mix":
            gate = replace(self, severity="warn", max_dbtp=0.0)
            remedy = "harmless here; for others to master, turn all faders down"
        found, fault = meter.true_peak, meter.fault
        return [
            gate.at_most(
                subject, "true_peak", found, "dBTP", gate.max_dbtp, "max_true_peak_dbtp", fault, remedy
            )
        ]
