"""Click: no step or spike that is not part of the sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.audio import AudioFile
from stemwright.gates._base import Check, Gate, GateContext, Status, Subject, points
from stemwright.measure import Meter
from stemwright.measure.clicks import Clicks
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_ONSET_S, _BEFORE_S = 0.003, 0.02  # an onset of a side-chain, and what it is compared with
_ONSET_RATIO = 10 ** (6 / 20)


@dataclass(frozen=True)
class Click(Gate):
    """The sound has no clicks, as from a bad edit, a lost sample or a loop whose ends do not match.

    A click is where the residual of linear prediction is far above its floor and no attack begins: neither of the sound
    nor of a side-chain on its way, at which a fast compressor lowers it within a few samples. At the start of a
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

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`side_chains`: the side-chains of its effects, and of those of what it is made of."""
        keys = {
            key.path: key for made in (artifact, *artifact.upstream()) for key in made.made_of("side_chains")
        }
        return {"side_chains": list(keys.values())} if keys else {}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Clicks(self.over_db),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        found, limit = meter.found, f"= 0 over {self.over_db:g} dB"
        if not meter.finite:
            return [self.not_finite("click", "clicks", limit)]
        for key in subject.inputs.get("side_chains", ()):
            with AudioFile(key) as file:
                found = [click for click in found if not _is_onset(file, round(click[0] * meter.rate))]
        seams = [frame / meter.rate for frame in subject.context.get("boundaries", ())]
        near = [c for c in found if any(abs(c[0] - seam) <= self.boundary_ms / 1000 for seam in seams)]
        elsewhere = [c for c in found if c not in near]
        return [
            self._check("click.boundary", near, limit, self.failed(), meter.rate)
            if seams
            else Check("click.boundary", "skip", reason="the file has no boundaries between sections"),
            self._check("click.elsewhere", elsewhere, limit, "warn", meter.rate),
        ]

    def _check(self, name: str, clicks: list, limit: str, status: Status, rate: int) -> Check:
        places = ", ".join(f"{seconds:.3f} s ({over:.0f} dB)" for seconds, over in clicks[:5])
        remedy = f"at {places}: listen there; fade in and out where sound is cut or joined (5 ms are enough)"
        at = points((seconds for seconds, _ in clicks), rate)
        return Check(name, status if clicks else "pass", len(clicks), "clicks", limit, "", remedy, at)


def _is_onset(file: AudioFile, at: int) -> bool:
    """Whether a side-chain is 6 dB louder around a frame than in the 20 ms before."""
    reach = round(_ONSET_S * file.rate)
    start = max(0, at - reach - round(_BEFORE_S * file.rate))
    near = np.concatenate(list(file.blocks(start, min(file.frames, at + reach) - start)))
    loudest = np.abs(near).max(axis=1)
    onset = max(0, at - reach - start)
    return bool(loudest[onset:].max() > _ONSET_RATIO * loudest[:onset].max(initial=0))
