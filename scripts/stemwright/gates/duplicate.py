"""Duplicate: no two stems are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.base.decibels import decibels
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure.likeness import Likeness, similar_pairs
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Duplicate(Gate):
    """No two stems of a mix have the same samples, or (warns) the same samples at another gain.

    A file exported twice under two names is 6 dB too loud in the mix, and another file is missing. The check is part
    of those of the mix, so that the checks of a stem do not depend on other stems; it compares the processed stems
    before fader and pan. The residual of one stem minus the other, at the best gain (which may be negative), must be
    less than 60 dB below the stem: for two takes of one part it is, for a copy with another level or format it is not.

    Source: our own measurements of takes and copies. Remedy: give one of the two stems its own source.
    """

    example = "{residual_db: -80}"

    stages = ("mix",)
    versions_too = False
    needs = "the song's stems"

    residual_db: Annotated[
        float,
        Field(
            "The least residual of one stem minus the other at the best gain, relative to the stem.",
            "dB",
            ge=-140,
            le=0,
        ),
    ] = -60.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`duplicate`: the names of the stems."""
        return {"duplicate": [stem.name for stem in _stems(song, artifact)]}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`stems`: the processed stems that it is made of."""
        return {"stems": _stems(song, artifact)}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        names, paths = subject.context.get("duplicate", []), subject.inputs.get("stems", [])
        if len(names) < 2:
            return [Check("duplicate", "skip", reason="there are fewer than two stems")]
        try:
            pairs = similar_pairs(paths, self.residual_db)
        except ValueError as error:
            return [Check("duplicate", self.failed(), reason=str(error), remedy="see frames and finite")]
        same = any(pair.residual_db == float("-inf") for pair in pairs)
        return [
            Check(
                "duplicate",
                self.failed() if same else "warn" if pairs else "pass",
                len(pairs),
                "pairs",
                f"= 0 with under {self.residual_db:g} dB left",
                "; ".join(_describe(pair, names) for pair in pairs),
                "give one of them its own source: the same file was exported or named twice",
            )
        ]


def _stems(song: LoadedSong, artifact: Artifact) -> list[Artifact]:
    """The processed stems that an artifact is made of, by name, without buses."""
    found = [entry for entry in artifact.upstream("processed") if entry.name in song.document.stems]
    return sorted(found, key=lambda entry: entry.name)


def _describe(pair: Likeness, names: Sequence[str]) -> str:
    """Describe two similar stems by name, with the gain between them and the residual."""
    first, second = names[pair.first], names[pair.second]
    if pair.residual_db == float("-inf"):
        return f"{first} and {second} have the same samples"
    inverted = "inverted, " if pair.gain < 0 else ""
    gain = f"{decibels(abs(pair.gain)):+.2f} dB"
    return f"{second} is {first}, {inverted}{gain} ({pair.residual_db:.0f} dB left)"
