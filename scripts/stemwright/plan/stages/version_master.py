"""The master of a version: its mix through the song's master chain, at its own loudness."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.graph import Artifact, Graph
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
        return self.master_of(song, graph, f"versions/{name}/master", name, version=name)
