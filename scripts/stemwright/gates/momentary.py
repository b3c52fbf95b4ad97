"""Momentary loudness: the loudest 400 ms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter
from stemwright.measure.loudness import MOMENTARY
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Momentary(LoudnessGate):
    """The highest momentary loudness (LUFS over 400 ms, EBU Tech 3341) does not exceed a limit, if there is one.

    Without a limit it is only reported.

    Source: EBU Tech 3341; R 128 sets no limit, hence no default. Remedy: turn down or compress its loudest moment.
    """

    example = "{max_lufs: -8}"

    max_lufs: (
        Annotated[
            float, Field("The highest momentary loudness allowed; null for no limit.", "LUFS", ge=-60, le=6)
        ]
        | None
    ) = None

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (self.loudness(subject),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        remedy = "turn down or compress its loudest moment"
        found, fault = meter.max_momentary, meter.fault
        check = self.at_most(
            subject, "momentary", found, "LUFS", self.max_lufs, "max_momentary_lufs", fault, remedy
        )
        is_missed = found is not None and check.status in ("warn", "fail")
        return [replace(check, places=[meter.loudest(MOMENTARY)]) if is_missed else check]
