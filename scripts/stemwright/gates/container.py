"""Container: the sizes in the header agree with the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stemwright.audio import inspect
from stemwright.audio.containers import AGAIN
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, GateContext, Subject
from stemwright.gates._reference import is_read_whole, reference_context

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Container(Gate):
    """The sizes declared in the header agree with the file, no bytes follow its end, and it is not damaged.

    For a reference, the original file is judged: the conformed copy is always complete. The check says what was
    compared: the checksums and numbers of pages (Ogg) or of frames, with the MD5 of the samples (FLAC), or the checksum
    of all frames (MP3 by LAME or ffmpeg). Nothing in WAV, AIFF, CAF and other MP3 files shows damage to their samples.

    Source: the formats' own definitions, see `stemwright.audio.containers`. Remedy: get the complete file.
    """

    stages = AUDIO_STAGES

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`most_frames`: of a reference, how much of it the song can use."""
        return reference_context(song, artifact)

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`source`: the file that a reference was conformed from."""
        return {"source": artifact.inputs["source"]} if artifact.judged_as == "reference" else {}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,) = subject.inputs.get("source", [subject.path])
        container = inspect(path)
        trailing = f"{container.trailing_bytes:,} bytes after its end" if container.trailing_bytes else ""
        found = container.fault or container.surplus or trailing
        if subject.stage == "reference" or subject.alone:
            again = f"get the complete file {path} again; do not loop or pad it to length"
            remedy = again if container.remedy == AGAIN else f"{path}: {container.remedy}"
        else:
            remedy = f"delete {path}: the next run makes it again"
        evidence = container.evidence(not found and is_read_whole(container, subject))
        return [
            Check(
                "container",
                self.failed() if found else "pass",
                f"{container.kind}, {'not as declared' if found else 'whole'}",
                limit=f"sizes as declared, no trailing bytes; {evidence}",
                reason=found,
                remedy=remedy,
            )
        ]
