"""Delivered files: the master, and stems and buses through their faders, or printed, named, in the delivery format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from stemwright.graph import Artifact, Graph, Input
from stemwright.plan.stages._base import (
    Stage,
    level_inputs,
    render_context,
    session_format,
)
from stemwright.song.delivery import Delivery
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX


class Delivered(Stage):
    """`delivery/FILE`. `folder` is where; a stage of another delivery has its own, and its own `delivery`."""

    script = "deliver_file"
    folder: ClassVar[str] = "delivery"

    def delivery(self, song: LoadedSong) -> Delivery:
        """How its files are written."""
        return song.document.delivery

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The names of the files, in the order of the archive."""
        return [deliverable.file for deliverable in song.deliverables]

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a deliverable: of the master, of a printed stem, or of a stem or bus before its fader."""
        delivery = self.delivery(song)
        wanted = {
            **session_format(song),
            "subtype": delivery.subtype.replace("FLOAT_24", "FLOAT"),
            "sample_format": delivery.subtype,
            "container": delivery.container,
        }
        (stem,) = (deliverable.stem for deliverable in song.deliverables if deliverable.file == name)
        stage = "printed" if stem in graph.names("printed") else "processed"
        origin = graph.get(stage, stem) if stem else graph.get("master")
        inputs: dict[str, Sequence[Input]] = {"audio": [origin]}
        if origin.stage == "processed":
            inputs |= level_inputs([song.routing.feeds(MIX)[stem]], graph)
        return self.make(graph, f"{self.folder}/{name}", name, inputs=inputs, format=wanted, stem=stem)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The format, and of a stem or bus that is not printed the faders to the mix."""
        (origin,) = artifact.made_of("audio")
        faders = song.routing.feeds(MIX)[artifact.stem].to_dict() if origin.stage == "processed" else {}
        return {
            "faders": faders,
            "container": self.delivery(song).container,
            "subtype": self.delivery(song).subtype,
            "seed": artifact.stem,
            "context": render_context(song),
        }
