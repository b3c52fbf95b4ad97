"""How much of its recording a reference is conformed from: no more than the song can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemwright.audio import Container, resampled_frames
from stemwright.gates._base import GateContext, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong


def song_frames(song: LoadedSong, artifact: Artifact) -> GateContext:
    """`song_frames`: the length of the song, for a reference only."""
    return {"song_frames": song.timeline.frames} if artifact.judged_as == "reference" else {}


def conformed_frames(source: Container, subject: Subject) -> int | None:
    """The length in frames of all of the recording at the rate of the session; None if it declares no length."""
    if source.frames is None or not source.sample_rate:
        return None
    return resampled_frames(source.frames, source.sample_rate, subject.format["sample_rate"])


def is_read_whole(source: Container, subject: Subject) -> bool:
    """Whether all of a recording was decoded to make the file that is judged."""
    most = subject.context.get("song_frames")
    frames = conformed_frames(source, subject) if most is not None else None
    return most is None or frames is None or frames <= most
