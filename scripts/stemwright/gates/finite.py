"""Finite: every sample is a number, and of a size that sound can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Finite as FiniteMeter


@dataclass(frozen=True)
class Finite(Gate):
    """No sample is NaN or infinite: filters and sums would spread it over the rest of the sound. Nor is one over
    +60 dBFS, 1,000 times full scale: that is no sound, but an effect that ran away, or integers that were stored as
    floats without scaling (those of 16 bits reach +90 dBFS).

    Source: IEEE 754; 60 dB is the highest gain that a song can give a recording. Remedy: find the effect or the file
    that it comes from; the frame of the first one is reported.
    """

    stages = AUDIO_STAGES

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (FiniteMeter(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found = meter.bad + meter.huge
        scale = "" if meter.bad else " (integers stored as floats? Divide by full scale)"
        return [
            Check(
                "finite",
                self.failed() if found else "pass",
                found,
                "samples",
                "= 0 that are NaN, infinite or over +60 dBFS",
                remedy=f"the first is at frame {meter.first:,}: find the effect or the file that it comes from{scale}"
                if found
                else "",
                places=[(meter.first, 1)] if found else [],
            )
        ]
