"""The reference: the recording that a song is made to, at the session's rate and channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """The conformed reference. It is as long as its source, but not longer than the song."""
        if song.reference_file:
            wanted = {key: value for key, value in session_format(song).items() if key != "frames"}
            source = {"source": [SourceFile(song.reference_file)]}
            yield self.artifact(graph, "reference/reference.wav", inputs=source, format=wanted)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The session, and the length of the song: no more of the recording is read."""
        return {"session": session(song), "frames": song.timeline.frames}
