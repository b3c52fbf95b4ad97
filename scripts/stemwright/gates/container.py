"""Container: what the header declares is what the file holds."""

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
    """Declared sizes agree with the file's, and nothing follows its end.

    A reference is judged by the file it was taken from: the conformed copy is always whole.

    Source: the formats' own definitions (RIFF, RF64, AIFF, FLAC, Ogg). Remedy: get the file again.
    """

    stages = AUDIO_STAGES

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`source`: what a reference was conformed from."""
        return {"source": artifact.inputs["source"]} if artifact.judged_as == "reference" else {}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,) = subject.inputs.get("source", [subject.path])
        try:
            container = inspect(path)
        except UnknownFormatError:
            if not subject.alone:
                raise
            return [Check("container", "skip", reason="sizes of files of this kind are not checked")]
        trailing = f"{container.trailing_bytes:,} bytes after its end" if container.trailing_bytes else ""
        found = container.fault or trailing
        remedy = (
            f"get {path} again, whole; do not loop or pad it to length"
            if subject.stage == "reference" or subject.alone
            else f"delete {path}; the next run makes it again"
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
