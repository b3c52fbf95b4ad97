"""Complement: two versions that are the two sides of one choice sum to the mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stemwright.gates._base import Check, GateContext, Subject
from stemwright.gates.null_test import NullTest

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Complement(NullTest):
    """What two versions that are complements, such as instrumental and a cappella, sum to is the mix.

    They are if all that is heard in the mix is in one of them, and nothing in both. The bounds are those of
    `null_test`: the rounding of the three files, and of each effect of a bus. If they do not hold, the gate finds the
    version at fault: late or early, inverted, at another gain, or with other sound. It does not apply to versions that
    are cut, nor where an effect of a bus makes of a sum something else than the sum of what it makes of each stem
    (distortion).

    Source: arithmetic. Remedy: run snakemake again; another program changed the file that is named.
    """

    stages = ("mix",)
    needs = "the other version"

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """The mix of a version that has a complement; of the two, one is judged."""
        return artifact.judged_as in cls.stages and bool(artifact.version and artifact.compared_with)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`null`: the formats, and how many effects a version may have gone through."""
        passes = sum(len(song.effects(bus).effects) for bus in song.document.buses)
        part = {"faders": {}, "subtype": artifact.sample_format, "passes": passes}
        return {"null": {"subtype": artifact.sample_format, "parts": [part, part]}}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`parts`: both versions; `whole`: the mix."""
        mix, other = artifact.compared_with
        return {"whole": [mix], "parts": [artifact, other]}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        return [
            replace(check, id=check.id.replace("null", "complement"))
            for check in super().judge(subject, meters)
        ]
