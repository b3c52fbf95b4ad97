"""Loudness: the master has the loudness of its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.gates._base import Check, GateContext, Subject
from stemwright.gates._dialogue import dialogue_context, dialogue_faders, dialogue_inputs
from stemwright.gates._loudness import SEE_GATES, LoudnessGate, format_tolerance, missed_by, round_level
from stemwright.measure import Meter
from stemwright.measure.loudness import MOMENTARY
from stemwright.mixing.dialogue import speech_windows

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Loudness(LoudnessGate):
    """The integrated loudness (LUFS, EBU R 128) of the finished file is within the tolerance of `master.target`.

    A file under 400 ms, such as a one-shot, has no integrated loudness by BS.1770. It is measured as if silence
    followed, and the sentinel says so: its loudness is the highest momentary loudness. A mono file is measured as one
    channel, as players do, unless `master.dual_mono` is set.

    A master that misses it is told by how much and why: the mix is silent, it is too quiet for the greatest gain
    (60 dB), or the limiter lets no gain make it denser.

    The severity of the preset decides whether a file that misses it is refused. If the target is the loudness of
    dialogue, it is measured where the stems with `dialogue: true` speak: in the windows of 400 ms in which their sum
    passes the gates of BS.1770-5. Of a song without such stems all sound is measured, and the check always warns.

    Source: EBU R 128, ITU-R BS.1770-5; the number is the target's. Remedy: compress the mix, or choose another target.
    """

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`dialogue` besides, if the target is for dialogue and the song has stems of it."""
        context = super().context(song, artifact)
        is_for_dialogue = context.get("target", {}).get("dialogue", False)
        return {**context, **(dialogue_context(song) if is_for_dialogue else {})}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`dialogue` besides, likewise."""
        is_for_dialogue = artifact.target.get("dialogue", False)
        return {
            **super().inputs(song, artifact),
            **(dialogue_inputs(song, artifact) if is_for_dialogue else {}),
        }

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (self.loudness(subject),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        target = subject.context.get("target", {})
        is_dialogue = bool(target.get("dialogue")) and "dialogue" in subject.context
        found = round_level(self._dialogue(meter, subject) if is_dialogue else meter.integrated)
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
            fault = "it is silent" if is_silent else meter.fault
            if is_dialogue and meter.integrated is not None:
                fault = "the stems with `dialogue: true` are silent, or never over -70 LUFS"
            why = f"cannot be measured: {fault}"
            return [Check("loudness", self.missed_target(target), None, "LUFS", limit, why, SEE_GATES)]
        if target["dialogue"] and not is_dialogue:
            why = f"{target['name']} has this limit for dialogue only, but all sound was measured"
            remedy = "mark the stems that are speech with `dialogue: true`"
            if subject.alone:
                remedy = "measure the loudness of the dialogue with a program that finds speech"
            return [Check("loudness", "warn", found, "LUFS", limit, why, remedy)]
        holds = wanted - below <= found <= wanted + above
        status = "pass" if holds else self.missed_target(target)
        why, remedy = missed_by(subject, 0.0 if holds else found - wanted, "LU")
        reason = "; ".join(filter(None, (why, _SHORT if meter.seconds < MOMENTARY else "")))
        return [
            Check("loudness", status, found, "LUFS", limit, reason, remedy or _remedy(found, wanted, subject))
        ]

    @staticmethod
    def _dialogue(meter: Any, subject: Subject) -> float | None:
        """The loudness where someone speaks, in LUFS."""
        faders = dialogue_faders(subject)
        return meter.within(speech_windows(subject.inputs["dialogue"], list(faders.values())))


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
    if found < wanted and subject.context.get("folded"):
        return (
            "mono is measured as one channel, 3 LU under the same sound on two loudspeakers: set master.dual_mono "
            "to true to measure it as on two, or deliver stereo"
        )
    return "the limiter cannot reach the target: compress the mix, or choose another master.target"
