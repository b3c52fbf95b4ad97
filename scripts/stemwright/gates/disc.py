"""Disc: an album's disc can be burnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.audio.disc import SECTOR, SECTORS_PER_SECOND
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._loudness import round_level
from stemwright.measure import Meter
from stemwright.measure.levels import Levels
from stemwright.measure.true_peak import TruePeak
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact

_MINUTE = 60 * SECTORS_PER_SECOND


@dataclass(frozen=True)
class Disc(Gate):
    """The disc is whole sectors long, and its true peak is not over full scale. A warning: a track under 4 s, and more
    than a disc can hold.

    Source: IEC 60908 (sectors of 588 frames, tracks of 4 s and more); 79:57 is what common recordable discs hold.
    Remedy: shorten the album, or lower the ceiling of the limiter of its songs.
    """

    example = "{max_minutes: 74}"
    stages = ("disc",)
    needs = "an album"

    max_minutes: Annotated[float, Field("The longest disc.", "min", gt=0, le=100)] = 79.95
    min_track_s: Annotated[float, Field("The shortest track.", "s", ge=0, le=60)] = 4.0
    max_dbtp: Annotated[float, Field("The highest true peak.", "dBTP", ge=-24, le=6)] = 0.0

    @classmethod
    def context(cls, song: Any, artifact: Artifact) -> GateContext:
        """`marks`: the name of each song, and the sector at which it begins."""
        marks = zip(song.tracks, song.disc, strict=True)
        return {"marks": [(track.song.name, placed.mark) for track, placed in marks]}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return Levels(), TruePeak()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        levels, peak = meters
        sectors, rest = divmod(levels.frames, SECTOR)
        marks = [*subject.context["marks"], ("", sectors)]
        lengths = [
            ((after - before) / SECTORS_PER_SECOND, name) for (name, before), (_, after) in pairwise(marks)
        ]
        shortest, name = min(lengths)
        found = round_level(peak.true_peak)
        is_high = found is None or found > self.max_dbtp
        return [
            Check(
                "disc.sectors",
                self.failed() if rest else "pass",
                rest,
                "frames beyond a sector",
                "= 0",
                remedy="another program wrote this file: delete it; the next run makes it again",
            ),
            Check(
                "disc.length",
                "warn" if sectors > self.max_minutes * _MINUTE else "pass",
                round(sectors / _MINUTE, 2),
                "min",
                f"<= {self.max_minutes:g}",
                remedy="leave a song out, or make two albums of it: no disc holds it",
            ),
            Check(
                "disc.tracks",
                "warn" if shortest < self.min_track_s else "pass",
                round(shortest, 2),
                "s",
                f">= {self.min_track_s:g}",
                reason=f"of {name}",
                remedy="some players and burning programs refuse such a disc",
            ),
            Check(
                "disc.true_peak",
                self.failed() if is_high else "pass",
                found,
                "dBTP",
                f"<= {self.max_dbtp:g}",
                reason=f"cannot be measured: {peak.fault}" if found is None else "",
                remedy="at another sample rate, peaks are higher: lower the ceiling_db of the songs' limiters",
            ),
        ]
