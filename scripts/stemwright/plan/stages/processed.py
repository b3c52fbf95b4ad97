"""Processed stems and buses: after their effects, before fader and pan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    chain_inputs,
    chain_params,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import strips


class Processed(Stage):
    """`processed/NAME.wav`."""

    script = "process_stem"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """Its stems and buses."""
        return sorted(strips(song.document))

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a stem or bus."""
        origin = graph.get("bus" if name in song.document.buses else "stem", name)
        inputs = {"audio": [origin], **chain_inputs(song.effects(name), graph)}
        return self.make(
            graph, f"processed/{name}.wav", name, inputs=inputs, format=session_format(song), stem=name
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The effects with their keys."""
        effects = song.effects(artifact.stem)
        return {**chain_params(effects), "context": render_context(song, effects.needs_timeline)}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.effects(artifact.stem)
