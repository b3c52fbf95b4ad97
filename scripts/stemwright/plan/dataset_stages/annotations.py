"""Annotations of the tracks of a dataset, as those of a song (`stemwright.plan.stages.annotations`)."""

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
    noted,
)
from stemwright.plan.stages._base import Stage
from stemwright.song.load_dataset import LoadedDataset


class Annotations(Stage[LoadedDataset]):
    """`annotations/TRACK/TRACK.jams`, with the same as MIDI and as tables."""

    script = ANNOTATIONS_SCRIPT
    is_audio = False

    def names(self, song: LoadedDataset) -> Sequence[str]:
        """The tracks."""
        return list(song.by_id)

    def artifact(self, song: LoadedDataset, graph: Graph, name: str) -> Artifact:
        """One a track."""
        own = song.by_id[name].song
        timeline = graph.songs[own.name].stage("timeline")
        folder = f"annotations/{name}"
        return self.make(
            graph,
            f"{folder}/{name}.jams",
            name,
            inputs=annotations_inputs([graph.get("notes", f"{name}/{stem}") for stem in noted(own)]),
            after=timeline,
            extras=annotation_files(folder, name),
            compared_with=timeline,
        )

    def params(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """As of a song."""
        return annotations_params(song.by_id[artifact.name].song)

    def tools(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """As of a song."""
        return annotations_tools()
