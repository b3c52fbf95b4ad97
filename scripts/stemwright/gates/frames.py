"""Frames: the file has exactly the length of the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.audio import inspect, resampled_frames
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Levels

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Frames(Gate):
    """The file has exactly the frames of the timeline, counted by decoding; a reference those that its source declares.

    Source: the timeline. Remedy: get the complete reference; any other file is made again by the next run.
    """

    stages = AUDIO_STAGES
    needs = "a timeline"

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`source`: the file that a reference was conformed from, which declares its length."""
        return {"source": artifact.inputs["source"]} if artifact.judged_as == "reference" else {}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        counted, expected = meters[0].frames, _expected(subject)
        if expected is None:
            return [Check("frames", "skip", counted, "frames", reason="its source does not declare a length")]
        return [
            Check(
                "frames",
                "pass" if counted == expected else self.failed(),
                counted,
                "frames",
                f"= {expected:,}",
                remedy="get the complete file again"
                if subject.stage == "reference"
                else "the next run makes it again",
            )
        ]


def _expected(subject: Subject) -> int | None:
    """The frames that the file must have; None if its source does not declare a length."""
    for path in subject.inputs.get("source", ()):
        source = inspect(path)
        if source.frames is None or not source.sample_rate:
            return None
        return resampled_frames(source.frames, source.sample_rate, subject.format["sample_rate"])
    return subject.format.get("frames")
