"""Frames: the file is as long as the timeline says, to the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Levels


@dataclass(frozen=True)
class Frames(Gate):
    """Exactly the timeline's frames, counted by decoding. A reference has its source's declared length.

    Source: the timeline. Remedy: get a reference again, whole; anything else the next run makes again.
    """

    kinds = AUDIO_STAGES
    needs = "a timeline"

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),)

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        counted, expected = meters[0].frames, subject.expect.get("frames")
        if expected is None:
            return [Check("frames", "skip", counted, "frames", reason="its source does not declare a length")]
        return [
            Check(
                "frames",
                "pass" if counted == expected else self.failed(),
                counted,
                "frames",
                f"= {expected:,}",
                remedy="get the whole file again"
                if subject.kind == "reference"
                else "the next run makes it again",
            )
        ]
