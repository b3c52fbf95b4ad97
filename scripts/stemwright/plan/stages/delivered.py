"""Delivered files: the master, and stems and buses through their faders, or printed, named, in the delivery format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from stemwright.graph import Artifact, Graph, Input
from stemwright.plan.fingerprint import fingerprint, script
from stemwright.plan.stages._base import (
    Stage,
    level_inputs,
    render_context,
)
from stemwright.song.delivery import Delivery
from stemwright.song.loaded import Deliverable, LoadedSong
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
        session = song.document.session
        wanted = delivery.planned(session.sample_rate, session.channels, song.timeline.frames)
        stem = self._deliverable(song, name).stem
        stage = "printed" if stem in graph.names("printed") else "processed"
        origin = graph.get(stage, stem) if stem else graph.get("master")
        inputs: dict[str, Sequence[Input]] = {"audio": [origin]}
        if origin.stage == "processed":
            inputs |= level_inputs([song.routing.feeds(MIX)[stem]], graph)
        return self.make(graph, f"{self.folder}/{name}", name, inputs=inputs, format=wanted, stem=stem)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The format, and of a stem or bus that is not printed the faders to the mix."""
        side = self._deliverable(song, artifact.name).side
        (origin,) = artifact.made_of("audio")
        faders = song.routing.feeds(MIX)[artifact.stem].to_dict() if origin.stage == "processed" else {}
        return {
            "faders": faders,
            "encoding": self.delivery(song).encoding(side),
            "seed": artifact.stem,
            "context": render_context(song),
        }

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The code and the programs of its job, with those of its format alone."""
        encoder = self.delivery(song).encoder
        tools = fingerprint([script(self.script)], [encoder.__module__])
        return {**tools, "libraries": {**tools["libraries"], **encoder.libraries()}}

    def _deliverable(self, song: LoadedSong, name: str) -> Deliverable:
        (deliverable,) = (each for each in song.deliverables if each.file == name)
        return deliverable
