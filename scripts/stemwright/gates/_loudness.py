"""What the gates of loudness and level share: whose limit counts, and how missing it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stemwright.gates._base import Check, Gate, GateContext, Status, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class LoudnessGate(Gate):
    """A gate whose limit is its own, or that of the song's `master.target`, or both.

    The target is `target` of the context: plain data as of `loudness_targets.limits`. A mix has none: only the master
    is brought to it. Stems are not judged. Levels are rounded to a hundredth of a dB before they are judged, so that
    the number shown is the number that was judged.
    """

    stages = ("mix", "master", "delivered")
    stems_too = False

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`target`: the loudness target of the master, on files that are to meet it."""
        return {"target": song.target} if song.target and artifact.judged_as != "mix" else {}

    def missed(self, target: Mapping) -> Status:
        """The status of a check that missed the target: a warning where either says so."""
        return "warn" if target["severity"] == "warn" else self.failed()

    def at_most(
        self,
        subject: Subject,
        check: str,
        found: float | None,
        unit: str,
        own: float | None,
        target_key: str,
        fault: str,
        remedy: str,
    ) -> Check:
        """`found` against this gate's `own` limit and the target's; `fault` says why it is None."""
        target = subject.context.get("target", {})
        limits = [] if own is None else [(own, self.failed(), "")]
        if target_key in target:
            limits.append((target[target_key], self.missed(target), f" ({target['name']})"))
        found = rounded(found)
        if not limits:
            reason = "no limit is set" if found is not None else f"cannot be measured: {fault}"
            return Check(check, "skip", found, unit, reason=reason)
        lowest, _, whose = min(limits)
        limit = f"<= {lowest:g}{whose}"
        if found is None:
            status = worst(status for _, status, _ in limits)
            return Check(check, status, None, unit, limit, f"cannot be measured: {fault}", SEE)
        status = worst(status for most, status, _ in limits if found > most)
        return Check(check, status, found, unit, limit, remedy=remedy)


SEE = "see silence, finite and frames"


def rounded(level: float | None) -> float | None:
    return None if level is None else round(level, 2)


def tolerance(target: Mapping) -> str:
    """The loudness of a target, and how far off it may be, in words."""
    wanted, below, above = (target[key] for key in ("integrated_lufs", "below_lu", "above_lu"))
    return f"{wanted:g} ±{above:g}" if below == above else f"{wanted:g} -{below:g} +{above:g}"


def worst(statuses) -> Status:
    """The gravest of these; `pass` if there are none."""
    return max(statuses, key=("pass", "warn", "fail").index, default="pass")
