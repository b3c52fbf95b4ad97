"""Tracks: the master of each song, numbered, in the format of the album."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.delivery.metadata import module_of
from stemwright.graph import Artifact, Graph, Input, SourceFile
from stemwright.plan.stages._base import Stage, render_context
from stemwright.plan.stages.delivered import ceiling
from stemwright.song.file_metadata import album_track
from stemwright.song.load_album import LoadedAlbum


class Track(Stage[LoadedAlbum]):
    """`tracks/FILE`. It is judged as a delivered master of its song."""

    script = "deliver_file"
    judged_as = "delivered"

    def names(self, song: LoadedAlbum) -> Sequence[str]:
        """The names of the files, in order."""
        return list(song.files)

    def artifact(self, song: LoadedAlbum, graph: Graph, name: str) -> Artifact:
        """The master of one song in another format, with tags: its level is kept."""
        track, delivery = song.files[name], song.document.delivery
        master = graph.songs[track.song.name].get("master")
        session = track.song.document.session
        wanted = delivery.planned(session.sample_rate, session.channels, track.song.timeline.frames)
        wanted["metadata"], cover = album_track(song, track.number)
        inputs: dict[str, Sequence[Input]] = {"audio": [master]}
        if cover:
            inputs["cover"] = [SourceFile(cover)]
        return self.make(
            graph,
            f"tracks/{name}",
            name,
            inputs=inputs,
            format=wanted,
            target=master.target,
            role="master",
        )

    def params(self, song: LoadedAlbum, artifact: Artifact) -> dict[str, Any]:
        """The format, and what the file says."""
        delivery, own = song.document.delivery, song.files[artifact.name].song
        return {
            "faders": {},
            "encoding": delivery.encoding() | ceiling(own, artifact, delivery),
            "metadata": artifact.format["metadata"],
            "seed": "",
            "context": render_context(own),
        }

    def tools(self, song: LoadedAlbum, artifact: Artifact) -> dict[str, Any]:
        """The code and the programs of its job, with those of its format alone."""
        delivery = song.document.delivery
        modules = [delivery.encoder.__module__, module_of(delivery.container)]
        return self.tools_with(modules, delivery.encoder.libraries())
