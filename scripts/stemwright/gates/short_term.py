"""Short-term loudness: the loudest 3 s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter
from stemwright.measure.loudness import SHORT_TERM
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class ShortTerm(LoudnessGate):
    """The highest short-term loudness (LUFS over 3 s, EBU Tech 3341) does not exceed a limit, if there is one.

    Without a limit it is only reported. The target may have a limit too (ebu-r128-s1: -18 LUFS). A file under 3 s is
    measured as if silence followed.

    Source: EBU Tech 3341, R 128 s1. Remedy: turn down or compress its loudest passage.
    """

    example = "{max_lufs: -10}"

    max_lufs: (
        Annotated[
            float, Field("The highest short-term loudness allowed; null for no limit.", "LUFS", ge=-60, le=6)
        ]
        | None
    ) = None

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (self.loudness(subject),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        remedy = "turn down or compress its loudest passage"
        found, fault = meter.max_short_term, meter.fault
        check = self.at_most(
            subject, "short_term", found, "LUFS", self.max_lufs, "max_short_term_lufs", fault, remedy
        )
        is_missed = found is not None and check.status in ("warn", "fail")
        return [replace(check, places=[meter.loudest(SHORT_TERM)]) if is_missed else check]
