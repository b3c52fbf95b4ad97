"""True peak: the highest level, also between samples."""

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
    """The true peak (dBTP, ITU-R BS.1770-5) of the decoded file does not exceed a ceiling, so that no converter clips.

    The ceiling of the target applies if it is lower. For a mix, which is float and not yet limited, the gate only warns
    of a true peak over 0 dBTP.

    Source: EBU R 128 (-1 dBTP), ITU-R BS.1770-5 annex 2. Remedy: lower the limiter's ceiling, or turn the master down.
    """

    example = "{max_dbtp: -2}"

    max_dbtp: Annotated[
        float, Field("The highest true peak allowed (EBU R 128: -1).", "dBTP", ge=-24, le=6)
    ] = -1.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (TruePeakMeter(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        gate, remedy = self, "add a master.limiter, lower its ceiling_db, or turn the master down"
        if subject.stage == "mix":
            gate = replace(self, severity="warn", max_dbtp=0.0)
            remedy = "harmless inside the build; if others master the mix, turn all faders down"
        found, fault = meter.true_peak, meter.fault
        check = gate.at_most(
            subject, "true_peak", found, "dBTP", gate.max_dbtp, "max_true_peak_dbtp", fault, remedy
        )
        return [check if found is None else replace(check, places=[(meter.frame, 1)])]
