"""Click: no step or spike that is not part of the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.gates._base import Check, Gate, GateContext, Status, Subject
from stemwright.measure import Meter
from stemwright.measure.clicks import Clicks
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Click(Gate):
    """The sound has no clicks, as from a bad edit, a lost sample or a loop whose ends do not match.

    A click is where the residual of linear prediction is far above its floor and no attack begins. At the start of a
    section it refuses the file, since Stemwright joins sound there. Elsewhere it may be music (a rim shot, vinyl) and
    is only reported. Of 100 files of clean material made at random (drums, plucks, pads, noise, effects), none is
    refused or reported.

    Source: Vaseghi, Advanced Digital Signal Processing (impulsive noise). Remedy: fade in and out where sound is
    cut or joined.
    """

    example = "{over_db: 40}"

    stages = ("processed", "mix")

    over_db: Annotated[
        float, Field("The least level of a click over the floor of the residual.", "dB", ge=10, le=120)
    ] = 30.0
    boundary_ms: Annotated[
        float,
        Field("A click within this time of the start of a section refuses the file.", "ms", ge=0, le=1_000),
    ] = 5.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`boundaries`: the first frame of every section except the first one."""
        return {"boundaries": [section.start_frame for section in song.timeline.sections[1:]]}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Clicks(self.over_db),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found, limit = meter.found, f"= 0 over {self.over_db:g} dB"
        if not meter.finite:
            return [self.not_finite("click", "clicks", limit)]
        seams = [frame / meter.rate for frame in subject.context.get("boundaries", ())]
        near = [c for c in found if any(abs(c[0] - seam) <= self.boundary_ms / 1000 for seam in seams)]
        elsewhere = [c for c in found if c not in near]
        return [
            self._check("click.boundary", near, limit, self.failed())
            if seams
            else Check("click.boundary", "skip", reason="the file has no boundaries between sections"),
            self._check("click.elsewhere", elsewhere, limit, "warn"),
        ]

    def _check(self, name: str, clicks: list, limit: str, status: Status) -> Check:
        places = ", ".join(f"{seconds:.3f} s ({over:.0f} dB)" for seconds, over in clicks[:5])
        remedy = f"at {places}: listen there; fade in and out where sound is cut or joined (5 ms are enough)"
        return Check(name, status if clicks else "pass", len(clicks), "clicks", limit, remedy=remedy)
