"""Repeatable: what is made of the same comes out the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Repeatable(Gate):
    """No effect may give another sound when its file is made again.

    Our effects repeat; those that are not ours (`insert`, `vst3`) are run twice, and refused by their job if the two
    differ. This gate marks the files made with those for which `repeatable: false` is written.

    Source: our own promise of the same bytes. Remedy: to keep a sound for good, copy the processed file, and use the
    copy as the stem's source, without that effect.
    """

    stages = ("processed", "master")
    needs = "a song"
    example = "{severity: error}"

    severity: Severity = "warn"

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Files made with an effect that may not repeat."""
        return super().applies(song, artifact) and bool(_kinds(song, artifact))

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`unrepeatable`: the kinds of these effects."""
        return {"unrepeatable": _kinds(song, artifact)}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        return [
            Check(
                "repeatable",
                self.failed(),
                ", ".join(subject.context["unrepeatable"]),
                limit="no effect with repeatable: false",
                reason="made again, it may sound otherwise",
                remedy="to keep this sound, copy the file, and use the copy as the stem's source, without them",
            )
        ]


def _kinds(song: LoadedSong, artifact: Artifact) -> list[str]:
    return (song.effects(artifact.stem) if artifact.stem else song.master_effects).unrepeatable()
