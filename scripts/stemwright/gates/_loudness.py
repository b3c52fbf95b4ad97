"""The base of gates of loudness and level, whose limits come from the gate, from `master.target`, or from both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from stemwright.gates._base import Check, Gate, GateContext, Status, Subject
from stemwright.measure.loudness import Loudness

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class LoudnessGate(Gate):
    """Base of a gate whose limit is its own field, or one of the song's `master.target`, or both.

    The target is `target` of the context: plain data as made by `loudness_targets.limits`. A mix has no target, since
    only the master is brought to it. Stems are not judged. Levels are rounded to 0.01 dB before they are compared, so
    that the reported number is the one that was judged.
    """

    stages: ClassVar[tuple[str, ...]] = ("mix", "master", "delivered")
    stems_too = False

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`target`: that of the artifact, a master or a delivered one; `dual_mono`, if mono is measured so.

        `folded`: whether it is the mono of a stereo song, and not measured so.
        """
        target = {"target": artifact.target} if artifact.target else {}
        is_mono, is_dual = artifact.format["channels"] == 1, song.document.master.dual_mono
        is_folded = is_mono and song.document.session.channels == 2 and not is_dual
        return {
            **target,
            **({"dual_mono": True} if is_mono and is_dual else {}),
            **({"folded": True} if is_folded else {}),
        }

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`settings`: what the master chain settled on, of a master with a target."""
        is_master = artifact.judged_as == "master" and bool(artifact.target)
        return {"settings": artifact.extra("settings")} if is_master else {}

    def loudness(self, subject: Subject) -> Loudness:
        """The meter of loudness for a file."""
        return Loudness(subject.context.get("dual_mono", False))

    def missed_target(self, target: Mapping) -> Status:
        """The status of a check that missed the target: `warn` if the target or the gate only warns, else `fail`."""
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
        """Judge a level that must not exceed a limit of the gate or of the target.

        Parameters
        ----------
        subject : Subject
            The file.
        check : str
            The id of the check.
        found : float or None
            The measured level.
        unit : str
            Its unit.
        own : float or None
            The limit of this gate, if it has one.
        target_key : str
            The key of the limit in the target.
        fault : str
            Why the level could not be measured, if `found` is None.
        remedy : str
            What to do if the level is too high.

        Returns
        -------
        Check
            Skipped if neither has a limit.
        """
        target = subject.context.get("target", {})
        limits = [] if own is None else [(own, self.failed(), "")]
        if target_key in target:
            limits.append((target[target_key], self.missed_target(target), f" ({target['name']})"))
        found = round_level(found)
        if not limits:
            reason = "no limit is set" if found is not None else f"cannot be measured: {fault}"
            return Check(check, "skip", found, unit, reason=reason)
        lowest, _, origin = min(limits)
        limit = f"<= {lowest:g}{origin}"
        if found is None:
            status = worst_status(status for _, status, _ in limits)
            return Check(check, status, None, unit, limit, f"cannot be measured: {fault}", SEE_GATES)
        status = worst_status(status for highest, status, _ in limits if found > highest)
        return Check(check, status, found, unit, limit, remedy=remedy)


def missed_by(subject: Subject, deviation: float, unit: str) -> tuple[str, str]:
    """Why a master misses its target, and what to do.

    Parameters
    ----------
    subject : Subject
        The master, or another file with its target.
    deviation : float
        Its level minus the nearest that the target allows; 0 if it is met.
    unit : str
        The unit of `deviation`.

    Returns
    -------
    reason, remedy : str
        Empty if its job does not say why: it is delivered, or belongs to no song.
    """
    paths = subject.inputs.get("settings", ()) if deviation else ()
    settings = json.loads(Path(paths[0]).read_text()) if paths else {"missed": ""}
    if settings["missed"] not in _MISSED:
        return "", ""
    reason, remedy = _MISSED[settings["missed"]]
    by = f"{abs(deviation):.1f} {unit} too {'quiet' if deviation < 0 else 'loud'}"
    return f"{by}: {reason.format(gain=settings['gain_db'])}", remedy


_MISSED = {
    "quiet": (
        "the mix is so quiet that the greatest gain, {gain:g} dB, is too little",
        "turn its stems up, see their levels",
    ),
    "limiter": (
        "the limiter lets no gain make it denser; it is closest with {gain:.1f} dB before the limiter",
        "compress the stems with the highest peaks or the mix (master.effects), shorten master.limiter.release_ms, "
        "raise its ceiling_db, or choose another master.target",
    ),
}
"""By what a master's settings say of a missed target: why, and the remedy."""

SEE_GATES = "see silence and finite"
"""The remedy for a level that cannot be measured: these gates report the cause."""


def round_level(level: float | None) -> float | None:
    """A level rounded to 0.01 dB, as it is judged and reported; None stays None."""
    return None if level is None else round(level, 2)


def format_tolerance(target: Mapping) -> str:
    """The loudness of a target with its tolerance, such as `-23 ±0.2`."""
    wanted, below, above = (target[key] for key in ("integrated_lufs", "below_lu", "above_lu"))
    return f"{wanted:g} ±{above:g}" if below == above else f"{wanted:g} -{below:g} +{above:g}"


def worst_status(statuses: Iterable[Status]) -> Status:
    """The most severe status of some; `pass` if there are none."""
    return max(statuses, key=("pass", "warn", "fail").index, default="pass")
