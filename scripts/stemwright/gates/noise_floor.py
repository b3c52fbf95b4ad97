"""Noise floor: the level of the quietest half second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import SEE_GATES, LoudnessGate, round_level
from stemwright.measure import Meter
from stemwright.measure.rms import Rms

_KEY = "max_noise_floor_dbfs"


@dataclass(frozen=True)
class NoiseFloor(LoudnessGate):
    """The RMS level of the quietest half second (dBFS) does not exceed the limit of `master.target`.

    It is checked only if the target has such a limit (acx: -60).

    Source: ACX audio submission requirements. Remedy: remove the noise from the sources.
    """

    stages = ("master", "delivered")

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Rms(),) if _KEY in subject.context.get("target", {}) else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        if not meters:
            return []
        target, found = subject.context["target"], round_level(meters[0].noise_floor)
        limit = f"<= {target[_KEY]:g} ({target['name']})"
        if found is None:
            why = "cannot be measured: the file is under half a second, or a sample is not finite"
            return [Check("noise_floor", self.missed_target(target), None, "dBFS", limit, why, SEE_GATES)]
        status = "pass" if found <= target[_KEY] else self.missed_target(target)
        measured = found if found > float("-inf") else "-inf"
        remedy = "remove the noise from its sources, or leave a quiet pause"
        return [Check("noise_floor", status, measured, "dBFS", limit, "", remedy, [meters[0].quietest])]
