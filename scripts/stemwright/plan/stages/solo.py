"""Solo: some stems and buses alone, through the buses and returns that they come into, before the master."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.graph import Artifact, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import Stage, session_format
from stemwright.plan.stages._steps import all_effects, flow_through, step_inputs, step_params
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX, soloed
from stemwright.song.selection import Flow


class Solo(Stage):
    """`solo/NAME+NAME.wav`, of songs that have what config's `solo` names. It is no part of the mix, nor delivered."""

    script = "print_stem"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """One, of all that is soloed."""
        return ["+".join(song.solo)] if song.solo else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one solo, from all stems that are heard in it."""
        flow = self._flow(song)
        inputs: dict[str, Sequence[Input]] = {
            "audio": [graph.get("processed", stem) for stem in flow.starts],
            **step_inputs(flow, graph),
        }
        return self.make(graph, f"solo/{name}.wav", name, inputs=inputs, format=session_format(song))

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The ways of what is soloed, and the effects there."""
        return {**step_params(song, self._flow(song)), "whole": True}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """All effects on the ways."""
        return all_effects(self._flow(song))

    @staticmethod
    def _flow(song: LoadedSong) -> Flow:
        live = soloed(song.document, song.solo)
        stems, reached = (
            {source for source, _ in live if source in song.document.stems},
            {to for _, to in live},
        )
        chains = {bus: song.effects(bus) for bus in song.routing.buses if bus in reached} | {MIX: Chain([])}
        return flow_through(song, chains, stems, live)
