"""Delivered files: the master, and stems through fader and pan, named, in the delivery format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import (
    Stage,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.model import Delivery


class Delivered(Stage):
    """`delivery/FILE`. `folder` is where; a stage of another delivery has its own, and its own `delivery`."""

    script = "deliver_file"
    folder: ClassVar[str] = "delivery"

    def delivery(self, song: LoadedSong) -> Delivery:
        """How its files are written."""
        return song.document.delivery

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """One a deliverable, in the order of the archive."""
        delivery = self.delivery(song)
        wanted = {
            **session_format(song),
            "subtype": delivery.subtype.replace("FLOAT_24", "FLOAT"),
            "sample_format": delivery.subtype,
            "container": delivery.container,
        }
        for deliverable in song.deliverables:
            origin = graph.get("processed", deliverable.stem) if deliverable.stem else graph.get("master")
            yield self.artifact(
                graph,
                f"{self.folder}/{deliverable.file}",
                deliverable.file,
                inputs={"audio": [origin]},
                format=wanted,
                stem=deliverable.stem,
            )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The format, and of a stem its fader and pan."""
        return {
            "fader": song.fader(artifact.stem) if artifact.stem else None,
            "container": self.delivery(song).container,
            "subtype": self.delivery(song).subtype,
            "seed": artifact.stem,
            "context": render_context(song),
        }
