"""Metadata: a delivered file says about itself what its song says."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from mutagen import MutagenError

from stemwright.delivery.metadata import module_of
from stemwright.delivery.metadata._base import Metadata as Said
from stemwright.delivery.metadata._bext import LEVELS, levels, meters
from stemwright.delivery.metadata._cover import read_cover
from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_UNREADABLE = (MutagenError, ParseError, ValueError, LookupError, struct.error)
_SHOWN = 60


@dataclass(frozen=True)
class Metadata(Gate):
    """Tags, cover, sections, loop and a broadcaster's fields, read back from the file, are what the song says.

    What a container cannot hold is expected as it holds it: a tempo as a whole number in ID3, ASCII in `bext`. That
    must stand before the audio, and its loudness is measured again.

    Source: `metadata` of the song and of its delivery. Remedy: delete the file; the next run makes it again.
    """

    stages = ("delivered",)
    needs = "a song"

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Files that are to say something."""
        return super().applies(song, artifact) and "metadata" in artifact.format

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`cover`: the cover in the file."""
        return {"cover": artifact.inputs["cover"]} if "cover" in artifact.inputs else {}

    @classmethod
    def modules(cls, song: LoadedSong, artifact: Artifact) -> Sequence[str]:
        return [module_of(str(artifact.format["container"]))]

    def meters(self, subject: Subject) -> Sequence[Meter]:
        keys = subject.format["metadata"].get("bext")
        return meters(keys) if keys and subject.format["container"] == "WAV" else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        module = import_module(module_of(subject.format["container"]))
        covers = [read_cover(path) for path in subject.inputs.get("cover", ())]
        said = Said.from_dict(subject.format["metadata"], *covers)
        expected = module.held(said, subject.format["sample_rate"])
        if meters:
            expected[LEVELS] = " ".join(map(str, levels(*meters)))
        try:
            found = module.read(subject.path)
        except _UNREADABLE as error:
            return [self._check(0, len(expected), f"cannot be read: {error}")]
        names = dict.fromkeys((*expected, *found))
        wrong = [name for name in names if found.get(name) != expected.get(name)]
        told = "; ".join(_differ(name, found.get(name), expected.get(name)) for name in wrong[:3])
        more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        return [self._check(len(expected.keys() - wrong), len(expected), told + more)]

    def _check(self, right: int, expected: int, reason: str) -> Check:
        return Check(
            "metadata",
            self.failed() if reason else "pass",
            f"{right} of {expected}",
            limit="all as the song says, and no others",
            reason=reason,
            remedy="delete the file; the next run makes it again",
        )


def _differ(name: str, found: str | None, expected: str | None) -> str:
    """How one of them differs, in words."""
    if found is None:
        return f"{name} is missing"
    if expected is None:
        return f"{name} is there ({found[:_SHOWN]!r}), and should not be"
    return f"{name} is {found[:_SHOWN]!r}, not {expected[:_SHOWN]!r}"
