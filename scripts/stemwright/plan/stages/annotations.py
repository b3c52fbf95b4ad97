"""Annotations: the ground truth of a song, as JAMS, MIDI and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._annotated import (
    ANNOTATIONS_SCRIPT,
    annotation_files,
    annotations_inputs,
    annotations_params,
    annotations_tools,
)
from stemwright.plan.stages._base import Stage
from stemwright.song.loaded import LoadedSong


class Annotations(Stage):
    """`annotations/SONG.jams`, with the same as MIDI and as tables, if the song has annotations."""

    script = ANNOTATIONS_SCRIPT
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """One, if the song asks for it."""
        return super().names(song) if song.document.annotations else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """All of it by one job, from the notes of the stems."""
        timeline = graph.stage("timeline")
        return self.make(
            graph,
            f"annotations/{song.short_name}.jams",
            inputs=annotations_inputs(graph.stage("notes")),
            after=timeline,
            extras=annotation_files("annotations", song.short_name),
            compared_with=timeline,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The timeline, the harmony, and the stems that have notes."""
        return annotations_params(song)

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The code of the job."""
        return annotations_tools()
