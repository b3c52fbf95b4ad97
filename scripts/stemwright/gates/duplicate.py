"""Duplicate: two stems that are the same."""

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
    """No two stems of a mix are the same samples, nor (warns) the same but for a gain.

    A file exported twice under two names is 6 dB too loud in the mix, and another is missing. It is judged with
    the mix, on its processed stems before fader and pan, so that a stem's own checks hang on no other stem. What
    is left after the best gain, also an inverted one, must be more than 60 dB under the stem: two takes of one part
    never come near that, a copy turned down and converted does.

    Source: our own, measured on takes and copies. Remedy: give one of the two its own source.
    """

    example = "{residual_db: -80}"

    stages = ("mix",)
    needs = "the song's stems"

    residual_db: Annotated[
        float,
        Field("What must be left of one stem without the other, at its best gain.", "dB", ge=-140, le=0),
    ] = -60.0

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`duplicate`: the names of the stems."""
        return {"duplicate": [stem.name for stem in artifact.made_of("stems")]}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`stems`: the files that are added up."""
        return {"stems": artifact.inputs["stems"]}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        names, paths = subject.context.get("duplicate", []), subject.inputs.get("stems", [])
        if len(names) < 2:
            return [Check("duplicate", "skip", reason="there are no two stems to compare")]
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
                "; ".join(_say(pair, names) for pair in pairs),
                "give one of them its own source: it was exported or named twice",
            )
        ]


def _say(pair: Likeness, names: Sequence[str]) -> str:
    first, second = names[pair.first], names[pair.second]
    if pair.residual_db == float("-inf"):
        return f"{first} and {second} are the same samples"
    inverted = "inverted, " if pair.gain < 0 else ""
    gain = f"{decibels(abs(pair.gain)):+.2f} dB"
    return f"{second} is {first}, {inverted}{gain} ({pair.residual_db:.0f} dB left)"
