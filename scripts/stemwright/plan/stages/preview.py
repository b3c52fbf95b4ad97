"""Previews: what the song's page draws and plays of every strip and of every whole, one track each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph, Input
from stemwright.plan.stages._base import Stage, level_inputs, session
from stemwright.song.loaded import LoadedSong

_WHOLES = {"version": "version_master"}


class Preview(Stage):
    """`report/tracks/ID.js` and `report/tracks/ID.audio.js`: `stem-NAME`, `bus-NAME`, `mix`, `master`, `reference` and
    `version-NAME`.
    """

    script = "write_preview"
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The IDs of the tracks, in the order of a page."""
        reference = ["reference"] if song.reference_file else []
        return [
            *(f"stem-{name}" for name in song.stems),
            *(f"bus-{name}" for name in song.routing.buses),
            "mix",
            "master",
            *reference,
            *(f"version-{name}" for name in song.versions),
        ]

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """A strip before and after its effects, or a whole."""
        kind, _, strip = name.partition("-")
        inputs: dict[str, Sequence[Input]]
        if kind in ("stem", "bus"):
            inputs = {
                "audio": [graph.get(kind, strip), graph.get("processed", strip)],
                **level_inputs([song.routing.way(strip)], graph),
            }
        else:
            inputs = {"audio": [graph.get(_WHOLES.get(kind, kind), strip)]}
        file = f"report/tracks/{name}"
        return self.make(
            graph,
            f"{file}.js",
            name,
            inputs=inputs,
            stem=strip if kind in ("stem", "bus") else "",
            extras={"audio": f"{file}.audio.js"},
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """What is drawn, and of a strip the faders through which it is heard."""
        params: dict[str, Any] = {
            "id": artifact.name,
            "views": [[entry.stage, entry.file] for entry in artifact.made_of("audio")],
        }
        if artifact.stem:
            params["faders"] = song.routing.way(artifact.stem).to_dict()
            params["channels"] = session(song)["channels"]
        return params
