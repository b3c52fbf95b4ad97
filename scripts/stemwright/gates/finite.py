"""Finite: every sample is a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Finite as FiniteMeter


@dataclass(frozen=True)
class Finite(Gate):
    """No sample is NaN or infinite: filters and sums would spread it over the rest of the sound.

    Source: IEEE 754. Remedy: find the effect or the file that it comes from; the frame of the first one is reported.
    """

    stages = AUDIO_STAGES

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (FiniteMeter(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        return [
            Check(
                "finite",
                self.failed() if meter.bad else "pass",
                meter.bad,
                "samples",
                "= 0 that are NaN or infinite",
                remedy=f"the first is at frame {meter.first:,}: find the effect or the file that it comes from"
                if meter.bad
                else "",
            )
        ]
