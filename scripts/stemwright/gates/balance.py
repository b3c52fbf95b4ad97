"""Balance: left and right have similar levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Finite
from stemwright.measure.stereo import Stereo
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Balance(Gate):
    """Left and right of a mix or master have similar RMS levels over the whole file.

    From about 1.5 dB on, listeners notice that the centre has moved (the just noticeable difference in level between
    loudspeakers is near 1 dB). At 6 dB, one side has half the amplitude of the other, which is hardly intended.

    Source: psychoacoustics, as above; the 6 dB are our own choice. Remedy: correct pan or level of the stem on one
    side, or its source.
    """

    example = "{error_db: 9}"

    stages = ("mix", "master")

    warn_db: Annotated[float, Field("Difference from which the gate warns.", "dB", ge=0, le=60)] = 1.5
    error_db: Annotated[float, Field("Difference from which the file is refused.", "dB", ge=0, le=60)] = 6.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Stereo(), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if meter.channels == 1:
            return [Check("balance", "skip", reason="the file is mono")]
        limit = f"<= {self.error_db:g} either way (warns over {self.warn_db:g})"
        if finite.bad:
            return [self.not_finite("balance")]
        left, right, _ = meter.total
        if not left and not right:
            return [Check("balance", "skip", reason="both sides are silent")]
        lean = 10 * math.log10(left / right) if left and right else math.inf if left else -math.inf
        status = (
            self.failed() if abs(lean) > self.error_db else "warn" if abs(lean) > self.warn_db else "pass"
        )
        quieter = "right" if lean > 0 else "left"
        remedy = f"the {quieter} side is quieter: check the pans, and stems that play on one side only"
        measured = round(lean, 2) + 0.0 if math.isfinite(lean) else str(lean)  # no -0.0
        return [Check("balance", status, measured, "dB left to right", limit, remedy=remedy)]
