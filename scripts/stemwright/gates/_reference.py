"""How much of its recording a reference is conformed from: no more than the song can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemwright.audio import Container
from stemwright.audio.placed_file import PlacedFile
from stemwright.gates._base import GateContext, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


def most_frames(song: LoadedSong) -> int:
    """The most frames that are read of a reference: those of the song, and a second, so that a little more stays."""
    return song.timeline.frames + song.timeline.rate


def reference_context(song: LoadedSong, artifact: Artifact) -> GateContext:
    """`most_frames` and `stands` (where in the song), for a reference only."""
    if artifact.judged_as != "reference" or song.placed_reference is None:
        return {}
    return {"most_frames": most_frames(song), "stands": song.placed_reference.to_dict()}


def conformed_frames(source: Container, subject: Subject) -> int | None:
    """Where all of the recording ends in the song, in frames of the session; None if it declares no length."""
    if source.frames is None or not source.sample_rate:
        return None
    return _placed(subject).end(source.frames, source.sample_rate, subject.format["sample_rate"])


def is_read_whole(source: Container, subject: Subject) -> bool:
    """Whether all of a recording was decoded to make the file that is judged."""
    most = subject.context.get("most_frames")
    if most is None:
        return True
    frames = conformed_frames(source, subject)
    return not _placed(subject).start and (frames is None or frames <= most)


def _placed(subject: Subject) -> PlacedFile:
    return PlacedFile.from_dict("", subject.context.get("stands", {}))
