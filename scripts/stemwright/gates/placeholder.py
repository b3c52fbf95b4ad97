"""Placeholder: a stem is not a mere test tone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Gate, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Finite
from stemwright.measure.spectrum import Tonality
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Placeholder(Gate):
    """A stem is not one steady tone for the whole file: such a tone is a placeholder for music not yet made.

    A window of 0.34 s counts as tone if it is tonal (spectral flatness under 0.1; noise has 0.56), if its strongest
    partial has the same frequency as in the other windows, and if its level is within 1 dB of theirs. A bass line, a
    plucked note, a chord that decays or a tone with rests has far fewer such windows than `percent`.

    Source: our own measurements of tones and music. Remedy: give the stem its music, or turn the gate off for it.
    """

    example = "{percent: 90}"

    stages = ("stem",)

    severity: Severity = "warn"
    percent: Annotated[
        float, Field("The greatest share of the file that may be one steady tone.", "%", gt=0, le=100)
    ] = 95.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Tonality(flatness=0.1, spread_db=1.0), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if finite.bad:
            return [self.not_finite("placeholder")]
        if meter.steady is None:
            return [Check("placeholder", "skip", reason=f"the file is shorter than {meter.size:,} frames")]
        found = 100 * meter.steady
        remedy = (
            "give it its real source; if a drone is intended, set gates: {placeholder: false} for this stem"
        )
        status = "pass" if found <= self.percent else self.failed()
        return [
            Check("placeholder", status, round(found, 1), "% one tone", f"<= {self.percent:g}", remedy=remedy)
        ]
