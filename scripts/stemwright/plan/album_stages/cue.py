"""The cue sheet of the disc."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import Stage
from stemwright.song.load_album import LoadedAlbum


class Cue(Stage[LoadedAlbum]):
    """`disc/ALBUM.cue`."""

    script = "write_cue"
    is_audio = False

    def artifact(self, song: LoadedAlbum, graph: Graph, name: str) -> Artifact:
        """The one cue sheet: where the tracks are follows from the plan alone."""
        return self.make(graph, f"disc/{song.name}.cue")

    def params(self, song: LoadedAlbum, artifact: Artifact) -> dict[str, Any]:
        """What it says."""
        return {"sheet": asdict(song.cue)}
