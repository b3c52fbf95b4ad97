"""Clipping: runs of samples at full scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.gates._base import Check, Gate, GateContext, Status, Subject
from stemwright.gates._converted import is_lossy
from stemwright.measure import Meter
from stemwright.measure.levels import Finite, FullScaleRuns
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Clipping(Gate):
    """The file has no runs of samples at full scale.

    For a reference the gate only warns, since it may be loud on purpose; for a window, since only what plays it clips.
    Float files inside the build cannot clip.

    Source: three consecutive samples at 0.99 or more do not occur in sound that is not clipped (the default of
    common meters). Remedy: lower the level before the file is written.
    """

    example = "{consecutive: 5}"

    stages = ("reference", "window", "master", "delivered", "disc")

    consecutive: Annotated[
        int, Field("The number of consecutive samples that count as clipped.", "samples", ge=1, le=1_000)
    ] = 3
    level: Annotated[float, Field("The magnitude that counts as full scale.", "full scale", gt=0, le=1)] = (
        0.99
    )

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Not the strips that a window is made of."""
        return super().applies(song, artifact) and not (artifact.judged_as == "window" and artifact.stem)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`integer`: whether the samples of a delivered file are integers, or floats limited to full scale."""
        is_float = artifact.sample_format == "FLOAT" or is_lossy(artifact)
        return {"integer": not is_float} if artifact.judged_as == "delivered" else {}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return FullScaleRuns(self.level, self.consecutive), Finite()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if subject.stage == "delivered" and not subject.context["integer"]:
            return [
                Check(
                    "clipping",
                    "skip",
                    meter.runs,
                    "runs",
                    reason="float samples, as lossy files decode to, may exceed full scale without clipping",
                )
            ]
        limit = f"= 0 of {self.consecutive} or more samples at {self.level:g}"
        if finite.bad and not meter.runs:
            return [replace(self.not_finite("clipping", "runs", limit), status=self._status(subject))]
        found = f"the longest run has {meter.longest:,} samples, the first is at frame {meter.first or 0:,}"
        return [
            Check(
                "clipping",
                self._status(subject) if meter.runs else "pass",
                meter.runs,
                "runs",
                limit,
                remedy=f"{found}: lower the level",
                places=[(frame, 1) for frame in meter.starts],
            )
        ]

    def _status(self, subject: Subject) -> Status:
        return "warn" if subject.stage in ("reference", "window") else self.failed()
