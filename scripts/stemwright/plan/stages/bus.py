"""Buses: sums of stems and other buses through their faders and sends, before the effects of the bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import Stage, level_inputs, paths_of, render_context, session_format
from stemwright.song.loaded import LoadedSong


class Bus(Stage):
    """`buses/BUS.wav`. Its effects make `processed/BUS.wav` of it, as of a stem."""

    script = "mix_stems"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """Its buses."""
        return sorted(song.document.buses)

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a bus, of all that comes into it, in the order in which it is added."""
        feeds = song.routing.feeds(name)
        parts = {
            "parts": [graph.get("processed", source) for source in feeds],
            **level_inputs(feeds.values(), graph),
        }
        return self.make(
            graph, f"buses/{name}.wav", name, inputs=parts, format=session_format(song), stem=name
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The faders and sends that each part goes through."""
        return {"faders": paths_of(song.routing.feeds(artifact.name)), "context": render_context(song)}
