"""DC: no constant offset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import WHOLE_AUDIO, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Levels
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Dc(Gate):
    """The mean of every channel (full scale 1) is near zero: an offset costs headroom and clicks at every cut.

    Source: our own choice; 0.001 is -60 dBFS, and 0.01 costs 0.1 dB of headroom. Remedy: a highpass at 20 Hz among the
    effects, or a corrected source.
    """

    example = "{warn: 0.002}"

    stages = WHOLE_AUDIO

    warn: Annotated[
        float, Field("Mean of a channel from which the gate warns.", "full scale", gt=0, le=1)
    ] = 0.001
    error: Annotated[
        float, Field("Mean of a channel from which the file is refused.", "full scale", gt=0, le=1)
    ] = 0.01

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        worst = float(np.max(np.abs(meters[0].means)))
        limit = f"<= {self.error:g} (warns over {self.warn:g})"
        if not np.isfinite(worst):
            return [self.not_finite("dc", "full scale", limit)]
        status = self.failed() if worst > self.error else "warn" if worst > self.warn else "pass"
        remedy = "add a highpass (20 Hz) to its effects, or correct its source"
        return [Check("dc", status, round(worst, 6), "full scale", limit, remedy=remedy)]
