"""The reference: the recording that a song is made to, at the session's rate and channels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from stemwright.gates._reference import most_frames
from stemwright.graph import Artifact, Graph, SourceFile
from stemwright.plan.stages._base import (
    Stage,
    session,
    session_format,
)
from stemwright.song.loaded import LoadedSong
from stemwright.sources._alignment import Align


class Reference(Stage):
    """`reference/reference.wav`, of a song that has one."""

    script = "conform_reference"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """One, if the song has a reference."""
        return super().names(song) if song.reference_file else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The conformed reference. It is as long as its source, but no more than a second longer than the song."""
        wanted = {key: value for key, value in session_format(song).items() if key != "frames"}
        inputs = {"source": [SourceFile(song.reference_file)]}
        if align := self._align(song):
            inputs["guide"] = [SourceFile(os.path.expanduser(align.file))]
        return self.make(graph, "reference/reference.wav", inputs=inputs, format=wanted)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The session, how much of the recording the song can use (no more is read), and where it stands."""
        assert song.placed_reference
        params = {
            "session": session(song),
            "most_frames": most_frames(song),
            "stands": song.placed_reference.to_dict(),
        }
        if align := self._align(song):
            keys = {**asdict(align), "file": "input"}
            params["align"] = {"keys": keys, "at": song.frame_at(align.at), "frames": song.timeline.frames}
        return params

    @staticmethod
    def _align(song: LoadedSong) -> Align | None:
        return song.document.reference.align if song.document.reference else None
