"""Delivered files: the master, and stems through fader and pan, named, in the delivery format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import (
    Stage,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong


class Delivered(Stage):
    """`delivery/FILE`."""

    script = "deliver_file"

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """One a deliverable, in the order of the archive."""
        delivery = song.document.delivery
        wanted = {
            **session_format(song),
            "subtype": delivery.subtype.replace("FLOAT_24", "FLOAT"),
            "container": delivery.container,
        }
        for deliverable in song.deliverables:
            origin = graph.get("processed", deliverable.stem) if deliverable.stem else graph.get("master")
            yield self.artifact(
                graph,
                f"delivery/{deliverable.file}",
                deliverable.file,
                inputs={"audio": [origin]},
                format=wanted,
                stem=deliverable.stem,
            )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The delivery format, and of a stem its fader and pan."""
        delivery = song.document.delivery
        return {
            "fader": song.fader(artifact.stem) if artifact.stem else None,
            "container": delivery.container,
            "subtype": delivery.subtype,
            "seed": artifact.stem,
            "context": render_context(song),
        }
