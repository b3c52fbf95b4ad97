"""The reference: the recording that a song is made to, at the session's rate and channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.gates._reference import most_frames
from stemwright.graph import Artifact, Graph, SourceFile
from stemwright.plan.stages._base import (
    Stage,
    session,
    session_format,
)
from stemwright.song.loaded import LoadedSong


class Reference(Stage):
    """`reference/reference.wav`, of a song that has one."""

    script = "conform_reference"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """One, if the song has a reference."""
        return super().names(song) if song.reference_file else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The conformed reference. It is as long as its source, but no more than a second longer than the song."""
        wanted = {key: value for key, value in session_format(song).items() if key != "frames"}
        source = {"source": [SourceFile(song.reference_file)]}
        return self.make(graph, "reference/reference.wav", inputs=source, format=wanted)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The session, and how much of the recording the song can use: no more is read."""
        return {"session": session(song), "most_frames": most_frames(song)}
