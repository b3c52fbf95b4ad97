"""Voices: the dialogue stems are equally loud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject
from stemwright.gates._dialogue import dialogue_context, dialogue_faders, dialogue_inputs
from stemwright.mixing.levels import loudness
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Voices(Gate):
    """The stems that are marked as dialogue have similar loudness in the mix, each after its effects and its fader.

    The loudness of each is its integrated loudness, so that pauses do not count. A listener who has set the volume
    for one voice reaches for it again when another one differs by several LU.

    Source: our own choice; productions of speech commonly keep voices within 2 to 4 LU. Remedy: correct the fader of
    the voice that is named, or write `gain_db: {like: …}`.
    """

    example = "{max_lu: 2}"

    stages = ("mix",)
    needs = "a song with dialogue stems"

    severity: Severity = "warn"
    max_lu: Annotated[float, Field("The greatest difference between two voices.", "LU", gt=0, le=60)] = 3.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """The mix of a song with two dialogue stems or more."""
        return super().applies(song, artifact) and len(song.dialogue) > 1

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`dialogue`, see `dialogue_context`."""
        return dialogue_context(song)

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`dialogue`, see `dialogue_inputs`."""
        return dialogue_inputs(song, artifact)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        faders = dialogue_faders(subject)
        measured = {
            name: loudness(path, faders[name])
            for name, path in zip(faders, subject.inputs["dialogue"], strict=True)
        }
        found = {name: value for name, value in measured.items() if value is not None}
        limit = f"<= {self.max_lu:g}"
        if len(found) < 2:
            return [Check("voices", "skip", limit=limit, reason="fewer than two voices are heard")]
        low, high = min(found, key=lambda name: found[name]), max(found, key=lambda name: found[name])
        spread = round(found[high] - found[low], 2)
        is_met = spread <= self.max_lu
        reason = f"{high} has {found[high]:.1f} LUFS, {low} {found[low]:.1f}"
        remedy = f"raise the gain_db of {low}, lower that of {high}, or write `gain_db: {{like: {high}}}` for {low}"
        return [
            Check(
                "voices",
                "pass" if is_met else self.failed(),
                spread,
                "LU",
                limit,
                "" if is_met else reason,
                "" if is_met else remedy,
            )
        ]
