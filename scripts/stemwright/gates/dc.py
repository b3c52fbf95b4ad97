"""DC: a constant offset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Levels
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Dc(Gate):
    """The mean of every channel (full scale 1) is near zero: an offset eats headroom and clicks at every edit.

    Source: ours; 0.001 is -60 dBFS, and 0.01 takes 0.1 dB of headroom. Remedy: a highpass at 20 Hz among its effects,
    or a mended source.
    """

    example = "{warn: 0.002}"

    stages = AUDIO_STAGES

    warn: Annotated[float, Field("Mean of a channel that is reported.", "full scale", gt=0, le=1)] = 0.001
    error: Annotated[float, Field("Mean of a channel that refuses the file.", "full scale", gt=0, le=1)] = (
        0.01
    )

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        worst = float(np.max(np.abs(meters[0].means)))
        limit = f"<= {self.error:g} (warns over {self.warn:g})"
        if not np.isfinite(worst):
            return [self.not_finite("dc", "full scale", limit)]
        status = self.failed() if worst > self.error else "warn" if worst > self.warn else "pass"
        remedy = "put a highpass (20 Hz) into its effects, or mend its source"
        return [Check("dc", status, worst, "full scale", limit, remedy=remedy)]
