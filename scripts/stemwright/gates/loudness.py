"""Loudness: the master is as loud as its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import SEE, LoudnessGate, rounded, tolerance
from stemwright.measure import Meter
from stemwright.measure.loudness import Loudness as LoudnessMeter


@dataclass(frozen=True)
class Loudness(LoudnessGate):
    """Integrated loudness (LUFS, EBU R 128) within the tolerance of `master.target`, on the finished file.

    A preset's severity decides whether missing it refuses. Where the target is the loudness of dialogue alone, which
    is not told apart from the rest here, the check warns, whatever was measured.

    Source: EBU R 128, ITU-R BS.1770-5; the number is the target's. Remedy: turn the mix up or down, compress it, or
    choose another target.
    """

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (LoudnessMeter(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found, target = rounded(meter.integrated), subject.context.get("target", {})
        if "integrated_lufs" not in target:
            why = f"{target['name']} asks for RMS" if target else "no loudness target is set"
            if subject.stage == "mix":
                why = "a mix has no target: its master is brought to one"
            return [Check("loudness", "skip", found, "LUFS", reason=why)]
        wanted, below, above = (target[key] for key in ("integrated_lufs", "below_lu", "above_lu"))
        limit = tolerance(target)
        if target["name"]:
            limit += f" ({target['name']})"
        if found is None:
            why = f"cannot be measured: {meter.fault()}"
            return [Check("loudness", self.missed(target), None, "LUFS", limit, why, SEE)]
        if target["dialogue"]:
            why = f"{target['name']} asks this of dialogue alone; measured was all sound"
            remedy = "have the loudness of the dialogue measured (dialogue gating is not done here)"
            return [Check("loudness", "warn", found, "LUFS", limit, why, remedy)]
        holds = wanted - below <= found <= wanted + above
        status = "pass" if holds else self.missed(target)
        return [Check("loudness", status, found, "LUFS", limit, remedy=_remedy(found, wanted, target))]


def _remedy(found: float, wanted: float, target: Mapping) -> str:
    if found < wanted and not target["turns_up"]:
        return (
            f"{target['name']} turns nothing up: it plays this {wanted - found:.1f} LU quieter than the rest"
        )
    if target["severity"] == "warn" and found > wanted:
        return f"players turn this down by {found - wanted:.1f} dB: no harm, but no gain from its loudness"
    return "the limiter cannot reach it: compress the mix, or choose another master.target"
