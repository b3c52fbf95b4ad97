"""Processed stems: stems after their effects, before fader and pan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stemwright.graph import Artifact, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    file_roles,
    render_context,
    session_format,
    source_files,
    without_paths,
)
from stemwright.song.loaded import LoadedSong


class Processed(Stage):
    """`processed/STEM.wav`."""

    script = "process_stem"

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """One a stem, by name."""
        for stem in graph.stage("stem"):
            inputs: dict[str, Sequence[Input]] = {
                "stem": [stem],
                "files": source_files(song.effects(stem.stem)),
            }
            yield self.artifact(
                graph,
                f"processed/{stem.name}.wav",
                stem.name,
                inputs=inputs,
                format=session_format(song),
                stem=stem.stem,
            )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The effects with their keys."""
        effects = song.effects(artifact.stem)
        return {
            "effects": without_paths(effects.entries(), effects),
            "files": file_roles(effects),
            "context": render_context(song, effects.needs_timeline),
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.effects(artifact.stem)
