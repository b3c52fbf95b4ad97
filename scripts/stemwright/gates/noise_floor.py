"""Noise floor: how quiet the quietest half second is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import SEE, LoudnessGate, rounded
from stemwright.measure import Meter
from stemwright.measure.rms import Rms

_KEY = "max_noise_floor_dbfs"


@dataclass(frozen=True)
class NoiseFloor(LoudnessGate):
    """The RMS of the quietest half second (dBFS) is at most the limit of `master.target`.

    Checked only where the target has such a limit (acx: -60).

    Source: ACX audio submission requirements. Remedy: take the noise out of the sources.
    """

    stages = ("master", "delivered")

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Rms(),) if _KEY in subject.context.get("target", {}) else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        if not meters:
            return []
        target, found = subject.context["target"], rounded(meters[0].noise_floor)
        limit = f"<= {target[_KEY]:g} ({target['name']})"
        if found is None:
            why = "cannot be measured: it is under half a second long, or a sample is not finite"
            return [Check("noise_floor", self.missed(target), None, "dBFS", limit, why, SEE)]
        status = "pass" if found <= target[_KEY] else self.missed(target)
        told = found if found > float("-inf") else "-inf"
        remedy = "take the noise out of its sources, or leave a pause that is quiet"
        return [Check("noise_floor", status, told, "dBFS", limit, remedy=remedy)]
