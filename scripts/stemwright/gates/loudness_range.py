"""Loudness range: how far loud and soft passages lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter
from stemwright.measure.loudness import SHORT_TERM, Loudness
from stemwright.validation.fields import Field

_SHORTEST = 60  # seconds (EBU Tech 3342: of less, there are too few windows)


@dataclass(frozen=True)
class LoudnessRange(LoudnessGate):
    """The loudness range (LU, EBU Tech 3342) is at most a limit; told where none is set, skipped under 60 s.

    The target may set a limit too (games: 20 LU).

    Source: EBU Tech 3342. Remedy: compress it, or bring its sections nearer to each other in level.
    """

    example = "{max_lu: 12}"

    max_lu: (
        Annotated[float, Field("The widest range allowed; null for no limit.", "LU", ge=0, le=60)] | None
    ) = None

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Loudness(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found, fault = meter.range, meter.fault(SHORT_TERM)
        if meter.is_finite and meter.seconds < _SHORTEST:
            why = f"says little of {meter.seconds:.1f} s: it takes {_SHORTEST} s (EBU Tech 3342)"
            return [Check("loudness_range", "skip", None, "LU", reason=why)]
        remedy = "compress it, or bring its sections nearer to each other"
        return [
            self.at_most(subject, "loudness_range", found, "LU", self.max_lu, "max_range_lu", fault, remedy)
        ]
