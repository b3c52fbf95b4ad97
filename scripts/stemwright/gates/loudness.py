"""Loudness: the master has the loudness of its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import SEE_GATES, LoudnessGate, format_tolerance, missed_by, round_level
from stemwright.measure import Meter
from stemwright.measure.loudness import MOMENTARY


@dataclass(frozen=True)
class Loudness(LoudnessGate):
    """The integrated loudness (LUFS, EBU R 128) of the finished file is within the tolerance of `master.target`.

    A file under 400 ms, such as a one-shot, has no integrated loudness by BS.1770. It is measured as if silence
    followed, and the sentinel says so: its loudness is the highest momentary loudness. A mono file is measured as one
    channel, as players do, unless `master.dual_mono` is set.

    A master that misses it is told by how much and why: the mix is silent, it is too quiet for the greatest gain
    (60 dB), or the limiter lets no gain make it denser.

    The severity of the preset decides whether a file that misses it is refused. If the target is the loudness of
    dialogue, which is not separated from other sound here, the check always warns.

    Source: EBU R 128, ITU-R BS.1770-5; the number is the target's. Remedy: compress the mix, or choose another target.
    """

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (self.loudness(subject),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found, target = round_level(meter.integrated), subject.context.get("target", {})
        if "integrated_lufs" not in target:
            why = f"{target['name']} has limits of RMS instead" if target else "no loudness target is set"
            if subject.stage == "mix":
                why = "a mix has no target: only its master has one"
            return [Check("loudness", "skip", found, "LUFS", reason=why)]
        wanted, below, above = (target[key] for key in ("integrated_lufs", "below_lu", "above_lu"))
        limit = format_tolerance(target)
        if target["name"]:
            limit += f" ({target['name']})"
        if found is None:
            is_silent = meter.is_finite and meter.max_momentary is None
            why = f"cannot be measured: {'it is silent' if is_silent else meter.fault}"
            return [Check("loudness", self.missed_target(target), None, "LUFS", limit, why, SEE_GATES)]
        if target["dialogue"]:
            why = f"{target['name']} has this limit for dialogue only, but all sound was measured"
            remedy = (
                "measure the loudness of the dialogue with another program (there is no dialogue gating here)"
            )
            return [Check("loudness", "warn", found, "LUFS", limit, why, remedy)]
        holds = wanted - below <= found <= wanted + above
        status = "pass" if holds else self.missed_target(target)
        why, remedy = missed_by(subject, 0.0 if holds else found - wanted, "LU")
        reason = "; ".join(filter(None, (why, _SHORT if meter.seconds < MOMENTARY else "")))
        return [
            Check("loudness", status, found, "LUFS", limit, reason, remedy or _remedy(found, wanted, subject))
        ]


_SHORT = "it is under 400 ms, for which BS.1770 has no integrated loudness: measured as if silence followed"


def _remedy(found: float, wanted: float, subject: Subject) -> str:
    target = subject.context["target"]
    if found < wanted and not target["turns_up"]:
        return f"{target['name']} does not turn music up: this plays {wanted - found:.1f} LU quieter than other music"
    if target["severity"] == "warn" and found > wanted:
        return f"players turn this down by {found - wanted:.1f} dB: harmless, but its loudness is lost"
    if subject.alone:  # it may never have seen a limiter
        turn = f"raise it by {wanted - found:.1f} dB, if its true peak allows" if found < wanted else ""
        return turn or f"turn it down by {found - wanted:.1f} dB"
    return "the limiter cannot reach the target: compress the mix, or choose another master.target"
