"""Silence: the file is not silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.base.decibels import decibels
from stemwright.gates._base import WHOLE_AUDIO, Check, Gate, Subject
from stemwright.measure import Meter
from stemwright.measure.levels import Levels
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Silence(Gate):
    """The file's peak (dBFS) is above a floor: a stem that plays nothing is a mistake.

    Source: -90 dBFS is below a 16-bit step. Remedy: check its source, its sections and its levels.
    """

    example = "{floor_dbfs: -60}"

    stages = WHOLE_AUDIO

    floor_dbfs: Annotated[float, Field("The peak must be above this.", "dBFS", ge=-160, le=0)] = -90.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """All but what is muted from the song's start to its end, and the channels of a file that are files."""
        if not artifact.stem:  # it belongs to the whole song, or to an album
            return super().applies(song, artifact) and not artifact.format.get("side")
        is_muted = artifact.stem in song.routing.silenced
        if artifact.judged_as in ("printed", "delivered", "live"):
            is_muted = is_muted or song.routing.is_muted(artifact.stem)
        return super().applies(song, artifact) and not is_muted and not artifact.format.get("side")

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Levels(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        peak = decibels(meters[0].peak)
        silent = peak <= self.floor_dbfs
        return [
            Check(
                "silence",
                self.failed() if silent else "pass",
                round(peak, 2) if peak > float("-inf") else "-inf",
                "dBFS peak",
                f"> {self.floor_dbfs:g}",
                remedy="check its source, its sections and its levels: it is inaudible",
            )
        ]
