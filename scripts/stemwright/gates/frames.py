"""Frames: the file has exactly the length of the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.audio import inspect
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, GateContext, Subject
from stemwright.gates._reference import conformed_frames, reference_context
from stemwright.measure import Meter
from stemwright.measure.levels import Levels

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Frames(Gate):
    """The file has exactly the frames of the timeline, counted by decoding; a reference those that its source declares,
    but no more than a second beyond the timeline.

    Source: the timeline. Remedy: get the complete reference; any other file is made again by the next run.
    """

    stages = AUDIO_STAGES
    needs = "a timeline"

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`most_frames`: of a reference, how much of it the song can use."""
        return reference_context(song, artifact)

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`source`: the file that a reference was conformed from, which declares its length."""
        return {"source": artifact.inputs["source"]} if artifact.judged_as == "reference" else {}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        counted, expected, whole = meters[0].frames, *_expected(subject)
        if expected is None:
            return [Check("frames", "skip", counted, "frames", reason="its source does not declare a length")]
        return [
            Check(
                "frames",
                "pass" if counted == expected else self.failed(),
                counted,
                "frames",
                f"= {expected:,}",
                f"all of its source would be {whole:,}, the song ends before" if whole != expected else "",
                remedy="get the complete file again"
                if subject.stage == "reference"
                else "the next run makes it again",
            )
        ]


def _expected(subject: Subject) -> tuple[int | None, int | None]:
    """The frames that the file must have, and those of its source; None if that does not declare a length."""
    expected = whole = subject.format.get("frames")
    for path in subject.inputs.get("source", ()):
        whole = conformed_frames(inspect(path), subject)
        expected = None if whole is None else min(whole, subject.context.get("most_frames", whole))
    return expected, whole
