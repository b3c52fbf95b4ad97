"""True peak: the highest level between samples, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.loudness import Loudness
from stemwright.spec.keys import Key


@dataclass(frozen=True)
class TruePeak(Gate):
    """The master's true peak (ITU-R BS.1770-4) stays under a ceiling, so that no converter clips it."""

    kinds = ("master",)

    max_dbtp: Annotated[
        float, Key("The highest true peak allowed (EBU R128: -1).", "dBTP", ge=-24, le=6)
    ] = -1.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Loudness(true_peak=True),)

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        peak = meters[0].true_peak
        if peak is None:
            why = "cannot be measured: the file is silent or not finite"
            return [
                Check(
                    "true_peak",
                    self.failed(),
                    None,
                    "dBTP",
                    f"<= {self.max_dbtp:g}",
                    why,
                    "see silence and finite",
                )
            ]
        status = "pass" if peak <= self.max_dbtp else self.failed()
        remedy = "lower master.limiter.ceiling_db, or turn the master down"
        return [Check("true_peak", status, round(peak, 2), "dBTP", f"<= {self.max_dbtp:g}", remedy=remedy)]
