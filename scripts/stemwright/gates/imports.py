"""Imports: the recordings that a song uses lost nothing before they came here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stemwright.audio import AudioFile
from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject
from stemwright.measure.imports import FlatTops, WordLength

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_SHOWN = 3
_LARGEST = float(np.finfo(np.float32).max)  # what is larger is infinite in a stem


@dataclass(frozen=True)
class Imports(Gate):
    """The recordings that a stem or the reference is made from are not lossy, not of 8 bits, and not clipped.

    For stems whose source plays files: `audio`, a sampler, or a stack of them. A file is measured as far as the song
    can use it. Clipped are tops of three or more equal samples at the peak, more than three steps above a neighbour:
    the top of a low tone is within 2.8 steps of its neighbours.

    Source: geometry, as above. Remedy: get the original recording, or record it again, lower.
    """

    example = "{severity: error}"

    stages = ("reference", "stem")

    severity: Severity = "warn"

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """The reference, and stems that play files."""
        return super().applies(song, artifact) and bool(_recordings(song, artifact))

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`imported`: for each file the second from which it is used, and how many seconds the song has."""
        starts = [start for _, start in _recordings(song, artifact)]
        return {"imported": {"starts": starts, "seconds": song.timeline.frames / song.timeline.rate}}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`imported`: the files."""
        role = "source" if artifact.judged_as == "reference" else "files"
        entries = {entry.path: entry for entry in artifact.inputs[role]}
        return {"imported": [entries[path] for path, _ in _recordings(song, artifact)]}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        found: dict[str, list[str]] = {"lossless": [], "bits": [], "clipping": []}
        paths = subject.inputs.get("imported", [subject.path])
        uses = subject.context.get("imported", {"starts": [0.0] * len(paths), "seconds": None})
        for path, start in zip(paths, uses["starts"], strict=True):
            for name, what in _losses(path, start, uses["seconds"]):
                found[name].append(f"{os.path.basename(path)} ({what})")
        lossy = "what a codec removed does not come back: get the original recording"
        low = "lower the level before it is recorded or exported, and get it again"
        return [
            self._check("lossless", found, len(paths), lossy),
            self._check("bits", found, len(paths), "get the recording in 16 bits or more"),
            self._check("clipping", found, len(paths), low),
        ]

    def _check(self, name: str, found: Mapping[str, list[str]], files: int, remedy: str) -> Check:
        named = found[name]
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        return Check(
            f"imports.{name}",
            self.failed() if named else "pass",
            f"{len(named)} of {files}",
            "files",
            "= 0",
            ", ".join(named[:_SHOWN]) + more,
            remedy,
        )


def _recordings(song: LoadedSong, artifact: Artifact) -> list[tuple[str, float]]:
    """(path, the second from which it is used) of each file."""
    if artifact.judged_as == "reference":
        start = song.placed_reference.start if song.placed_reference else 0.0
        return [(source.path, float(start)) for source in artifact.inputs["source"]]
    found = dict(song.source(artifact.stem).recordings()) if artifact.judged_as == "stem" else {}
    return sorted((os.path.expanduser(path), start) for path, start in found.items())


def _losses(path: str, start: float, seconds: float | None) -> Iterator[tuple[str, str]]:
    """(which check, what of it) for each thing that a file has lost."""
    with AudioFile(path, lenient=True) as file:
        if file.container.is_lossy:
            yield "lossless", file.container.kind
            return  # its samples are no longer those that were recorded
        is_8_bit = file.subtype in ("PCM_U8", "PCM_S8")
        bits, tops = WordLength(), FlatTops(2.0**-7 if is_8_bit else 2.0**-15)
        for meter in (bits, tops):
            meter.start(file.rate, file.channels)
        begin = min(int(start * file.rate), file.frames)
        left = file.frames - begin
        frames = left if seconds is None else min(left, int(seconds * file.rate) + 1)
        for block in file.blocks(begin, frames) if frames else ():
            if not (np.abs(block) <= _LARGEST).all():
                yield "clipping", "samples that are not finite"
                return
            for meter in (bits, tops):
                meter.feed(block)
        if is_8_bit or bits.is_8_bit:
            yield "bits", "8 bits"
        # What has steps of 8 bits in a finer format has flat tops by itself.
        if tops.runs and (is_8_bit or not bits.is_8_bit):
            yield "clipping", f"{tops.runs:,} flat tops"
