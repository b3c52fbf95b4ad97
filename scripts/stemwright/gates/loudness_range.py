"""Loudness range: the difference between loud and soft passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter
from stemwright.validation.fields import Field

_SHORTEST = 60  # seconds (EBU Tech 3342: a shorter file has too few windows)


@dataclass(frozen=True)
class LoudnessRange(LoudnessGate):
    """The loudness range (LU, EBU Tech 3342) does not exceed a limit, if there is one.

    Without a limit it is only reported. The target may have a limit too (games: 20 LU). Files under 60 s are skipped.

    Source: EBU Tech 3342. Remedy: compress the mix, or make the levels of its sections more similar.
    """

    example = "{max_lu: 12}"

    max_lu: (
        Annotated[float, Field("The greatest range allowed; null for no limit.", "LU", ge=0, le=60)] | None
    ) = None

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (self.loudness(subject),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found, fault = meter.range, meter.fault
        if meter.is_finite and meter.seconds < _SHORTEST:
            why = f"the file is too short: {meter.seconds:.1f} s of the {_SHORTEST} s needed (EBU Tech 3342)"
            return [Check("loudness_range", "skip", None, "LU", reason=why)]
        remedy = "compress the mix, or make the levels of its sections more similar"
        return [
            self.at_most(subject, "loudness_range", found, "LU", self.max_lu, "max_range_lu", fault, remedy)
        ]
