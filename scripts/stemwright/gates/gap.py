"""Gap: no dead air in speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.base.decibels import amplitude
from stemwright.gates._base import Check, Gate, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.gaps import Gaps
from stemwright.measure.levels import Finite
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Gap(Gate):
    """A mix or master with dialogue has no dead air: no long silence between two sounds.

    Silence is a peak level under the floor, in all channels. Silence before the first and after the last sound is
    judged by the gate `edges`.

    Source: our own; silence detectors of broadcasters commonly alarm after 3 to 10 s. Remedy: cut the pause, or let
    room tone or music sound through it.
    """

    example = "{max_s: 2}"

    stages = ("mix", "master")

    severity: Severity = "warn"
    floor_dbfs: Annotated[float, Field("A peak level under this is silence.", "dBFS", ge=-120, le=0)] = -60.0
    max_s: Annotated[float, Field("The longest silence between two sounds.", "s", gt=0, le=600)] = 3.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Mix and master of a song with a dialogue stem: a rest in music is no dead air."""
        return super().applies(song, artifact) and bool(song.dialogue)

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Gaps(amplitude(self.floor_dbfs)), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if finite.bad:
            return [self.not_finite("gap")]
        limit, found = f"<= {self.max_s:g}", round(meter.longest, 2)
        if found <= self.max_s:
            return [Check("gap", "pass", found, "s of silence", limit)]
        minutes, seconds = divmod(meter.longest_at, 60)
        reason = f"dead air from {minutes:.0f}:{seconds:05.2f} on"
        remedy = (
            "cut the pause, let room tone or music sound through it, or raise gap.max_s if it is intended"
        )
        places = [(round(meter.longest_at * meter.rate), round(meter.longest * meter.rate))]
        return [Check("gap", self.failed(), found, "s of silence", limit, reason, remedy, places)]
