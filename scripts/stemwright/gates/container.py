"""Container: the sizes in the header agree with the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.audio import UnknownFormatError, inspect
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Container(Gate):
    """The sizes declared in the header agree with the file, and no bytes follow its end.

    For a reference, the original file is judged: the conformed copy is always complete.

    Source: the formats' own definitions (RIFF, RF64, AIFF, FLAC, Ogg). Remedy: get the complete file.
    """

    stages = AUDIO_STAGES

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`source`: the file that a reference was conformed from."""
        return {"source": artifact.inputs["source"]} if artifact.judged_as == "reference" else {}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,) = subject.inputs.get("source", [subject.path])
        try:
            container = inspect(path)
        except UnknownFormatError:
            if not subject.alone:
                raise
            return [Check("container", "skip", reason="sizes are not checked for this file format")]
        trailing = f"{container.trailing_bytes:,} bytes after its end" if container.trailing_bytes else ""
        found = container.fault or trailing
        remedy = (
            f"get the complete file {path} again; do not loop or pad it to length"
            if subject.stage == "reference" or subject.alone
            else f"delete {path}: the next run makes it again"
        )
        return [
            Check(
                "container",
                self.failed() if found else "pass",
                f"{container.format}, {'not as declared' if found else 'whole'}",
                limit="sizes as declared, no trailing bytes",
                reason=found,
                remedy=remedy,
            )
        ]
