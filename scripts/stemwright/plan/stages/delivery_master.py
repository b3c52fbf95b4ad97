"""Masters of further deliveries: the mix at the loudness that a delivery asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from stemwright.plan.stages.master import Master
from stemwright.song.loaded import LoadedSong


class DeliveryMaster(Master):
    """`masters/DELIVERY.wav` and `.json`, of deliveries that have a `target` of their own."""

    judged_as: ClassVar[str] = "master"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The deliveries."""
        return [
            name
            for name, files in song.deliveries.items()
            if song.delivery_target(name)
            and any(each.role == "master" and not each.version for each in files)
        ]

    def target(self, song: LoadedSong, name: str) -> dict:
        """That of the delivery."""
        return song.delivery_target(name)

    def file(self, name: str) -> str:
        """Called as its delivery."""
        return f"masters/{name}"
