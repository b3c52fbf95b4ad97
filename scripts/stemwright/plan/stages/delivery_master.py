"""Masters of further deliveries: the song, or a version of it, at the loudness that a delivery asks for."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages.master import Master
from stemwright.song.loaded import LoadedSong
from stemwright.song.versions import MAIN_VERSION


class DeliveryMaster(Master):
    """`masters/DELIVERY/VERSION.wav` and `.json`, of deliveries that have a `target`; `main` is the song itself."""

    judged_as = "master"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The delivery and the version of each."""
        return [
            f"{delivery}/{version or MAIN_VERSION}"
            for delivery, files in song.deliveries.items()
            if song.delivery_target(delivery)
            for version in dict.fromkeys(each.version for each in files if each.role == "master")
        ]

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One of each name."""
        delivery, version = name.split("/")
        return self.master_of(
            song,
            graph,
            f"masters/{name}",
            name,
            version="" if version == MAIN_VERSION else version,
            target=song.delivery_target(delivery),
        )
