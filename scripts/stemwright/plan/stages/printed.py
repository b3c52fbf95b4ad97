"""Printed stems: each stem's share of the mix through the buses, or of the master, at the level that it has there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.graph import Artifact, Extra, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import Stage, session_format
from stemwright.plan.stages._steps import all_effects, step_inputs, step_params
from stemwright.plan.stages.gains import MASTER
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX, edges, is_printed, parts


class Printed(Stage):
    """`printed/NAME.wav`, of songs whose stems are delivered printed through buses or through the master."""

    script = "print_stem"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The stems, or the stems and buses, that add up to the mix or the master."""
        is_master = song.document.delivery.stems.through == "master"
        return parts(song.document) if is_master or is_printed(song.document) else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a part, from the stem, the gain curves on its way, and the files of the effects there."""
        chains = self._chains(song, name)
        inputs: dict[str, Sequence[Input]] = {
            "audio": [graph.get("processed", name)],
            **step_inputs(chains, graph),
            "curves": [graph.get("gains", strip) for strip in chains if strip in graph.names("gains")],
        }
        if MASTER in chains:
            inputs["settings"] = [Extra(graph.get("master").extras["settings"])]
        after = graph.stage("master") if MASTER in chains else ()
        return self.make(
            graph,
            f"printed/{name}.wav",
            name,
            inputs=inputs,
            after=after,
            format=session_format(song),
            stem=name,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """Its way: what comes into each bus, the mix and the master on it, and the effects there."""
        every = {(source, to) for _, source, to in edges(song.document)}
        return step_params(song, self._chains(song, artifact.name), [artifact.name], every)

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """All effects on its way."""
        chains = self._chains(song, artifact.name)
        return all_effects(chains | ({"limiter": Chain([Limiter()])} if MASTER in chains else {}))

    @staticmethod
    def _chains(song: LoadedSong, name: str) -> dict[str, Chain]:
        """The effects of each bus on its way, in order, of the mix, which has none, and of the master."""
        buses = song.routing.buses_after(name) if is_printed(song.document) else []
        found = {bus: song.effects(bus) for bus in buses}
        found[MIX] = Chain([])
        if song.document.delivery.stems.through == "master":
            found[MASTER] = song.master_effects
        return found
