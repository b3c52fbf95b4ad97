"""The mix: the sum of processed stems through their faders and pans, with no master processing."""

from __future__ import annotations

from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import (
    Stage,
    compared_song,
    level_inputs,
    paths_of,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX


class Mix(Stage):
    """`mix/mix.wav`."""

    script = "mix_stems"

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one mix, of the stems and buses that go to it, in the order in which they are added."""
        feeds = song.routing.feeds(MIX)
        parts = {
            "parts": [graph.get("processed", source) for source in feeds],
            **level_inputs(feeds.values(), graph),
        }
        return self.make(
            graph,
            "mix/mix.wav",
            inputs=parts,
            format=session_format(song),
            compared_with=compared_song(song),
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The faders that each part goes through."""
        return {"faders": paths_of(song.routing.feeds(MIX)), "context": render_context(song)}
