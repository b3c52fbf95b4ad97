"""The master of a version: its mix through the song's master chain, at its own loudness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.music.component import Component
from stemwright.plan.stages.master import Master
from stemwright.song.loaded import LoadedSong


class VersionMaster(Master):
    """`versions/NAME/master.wav`, and `versions/NAME/master.json`."""

    judged_as = "master"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """Its versions."""
        return list(song.versions)

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a version."""
        return self.master_of(
            song.versions[name], graph, graph.get("version_mix", name), f"versions/{name}", name
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The master chain, and its loudness; `is_loop` of one that is to have no seam."""
        version = song.versions[artifact.name]
        is_loop = version.cut is not None and version.cut.is_loop
        return {**super().params(version, artifact), **({"is_loop": True} if is_loop else {})}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.master_effects
