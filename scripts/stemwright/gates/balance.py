"""Balance: the two sides are as loud as each other."""

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
    """Left and right of a mix or master have nearly the same RMS level over the whole file.

    Listeners notice a centre that leans from about 1.5 dB on (the just noticeable difference in level between
    loudspeakers is near 1 dB); 6 dB is a side at half its voltage, which nobody does on purpose.

    Source: psychoacoustics, as above; 6 dB is our own. Remedy: pan or lower the stem that leans, or mend its source.
    """

    example = "{error_db: 9}"

    stages = ("mix", "master")

    warn_db: Annotated[float, Field("Difference that is reported.", "dB", ge=0, le=60)] = 1.5
    error_db: Annotated[float, Field("Difference that refuses the file.", "dB", ge=0, le=60)] = 6.0

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
        softer = "right" if lean > 0 else "left"
        remedy = f"the {softer} is the softer side: look at pans, and at stems that play on one side only"
        measured = round(lean, 2) + 0.0 if math.isfinite(lean) else str(lean)  # no -0.0
        return [Check("balance", status, measured, "dB left to right", limit, remedy=remedy)]
