"""Click: no step or spike that does not belong to the sound."""

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
    """No jump in the sound that its surroundings do not foretell: a bad edit, a lost sample, an open loop.

    A residual of linear prediction far above its floor, and no attack. At the start of a section it refuses the file:
    there it is our own seam. Elsewhere it may be music (a rim, vinyl), and is only reported. Of 100 files of
    clean material made at random (drums, plucks, pads, noise, effects), none is refused or reported.

    Source: Vaseghi, Advanced Digital Signal Processing (impulsive noise). Remedy: fade in and out where sound is
    cut or joined.
    """

    example = "{over_db: 40}"

    stages = ("processed", "mix")

    over_db: Annotated[float, Field("How far over the floor of the residual.", "dB", ge=10, le=120)] = 30.0
    boundary_ms: Annotated[
        float, Field("How near to the start of a section it refuses the file.", "ms", ge=0, le=1_000)
    ] = 5.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`boundaries`: the first frame of every section but the first."""
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
            else Check("click.boundary", "skip", reason="no sections meet in it"),
            self._check("click.elsewhere", elsewhere, limit, "warn"),
        ]

    def _check(self, name: str, clicks: list, limit: str, status: Status) -> Check:
        places = ", ".join(f"{seconds:.3f} s ({over:.0f} dB)" for seconds, over in clicks[:5])
        remedy = f"at {places}: listen there; fade in and out where sound is cut or joined (5 ms are enough)"
        return Check(name, status if clicks else "pass", len(clicks), "clicks", limit, remedy=remedy)
