"""The mix: the sum of processed stems through their faders and pans, with no master processing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import (
    Stage,
    compared_song,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong


class Mix(Stage):
    """`mix/mix.wav`."""

    script = "mix_stems"

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """The one mix, of all processed stems, in the order in which they are added."""
        stems = {"stems": graph.stage("processed")}
        yield self.artifact(
            graph,
            "mix/mix.wav",
            inputs=stems,
            format=session_format(song),
            compared_with=compared_song(song),
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The fader and the pan of each stem."""
        faders = {entry.stem: song.fader(entry.stem) for entry in artifact.direct()}
        return {"stems": faders, "context": render_context(song)}
