"""Notes of the stems of a dataset, as those of a song (`stemwright.plan.stages.notes`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._annotated import NOTES_SCRIPT, noted, notes_inputs, notes_params, notes_tools
from stemwright.plan.stages._base import Stage
from stemwright.song.load_dataset import LoadedDataset


class Notes(Stage[LoadedDataset]):
    """`annotations/TRACK/notes/STEM.csv` of each stem that plays notes."""

    script = NOTES_SCRIPT
    is_audio = False

    def names(self, song: LoadedDataset) -> Sequence[str]:
        """TRACK/STEM of each."""
        return [f"{track.id}/{stem}" for track in song.tracks for stem in noted(track.song)]

    def artifact(self, song: LoadedDataset, graph: Graph, name: str) -> Artifact:
        """One a stem."""
        track, stem = song.located(name)
        timeline = graph.songs[track.song.name].stage("timeline")
        return self.make(
            graph,
            f"annotations/{track.id}/notes/{stem}.csv",
            name,
            inputs=notes_inputs(track.song, stem),
            after=timeline,
            compared_with=timeline,
            stem=stem,
        )

    def params(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """As of a song."""
        track, stem = song.located(artifact.name)
        return notes_params(track.song, stem)

    def tools(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """As of a song."""
        track, stem = song.located(artifact.name)
        return notes_tools(track.song, stem)
