"""Solo: some stems and buses alone, through the buses and returns that they come into, before the master."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.graph import Artifact, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import Stage, session_format
from stemwright.plan.stages._steps import all_effects, step_inputs, step_params
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX, soloed


class Solo(Stage):
    """`solo/NAME+NAME.wav`, of songs that have what config's `solo` names. It is no part of the mix, nor delivered."""

    script = "print_stem"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """One, of all that is soloed."""
        return ["+".join(song.solo)] if song.solo else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one solo, from all stems that are heard in it."""
        inputs: dict[str, Sequence[Input]] = {
            "audio": [graph.get("processed", stem) for stem in self._stems(song)],
            **step_inputs(
                song, self._chains(song), self._stems(song), soloed(song.document, song.solo), graph
            ),
        }
        return self.make(graph, f"solo/{name}.wav", name, inputs=inputs, format=session_format(song))

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The ways of what is soloed, and the effects there."""
        live = soloed(song.document, song.solo)
        return {**step_params(song, self._chains(song), self._stems(song), live), "whole": True}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """All effects on the ways."""
        return all_effects(self._chains(song))

    @staticmethod
    def _stems(song: LoadedSong) -> list[str]:
        live = soloed(song.document, song.solo)
        return sorted({source for source, _ in live if source in song.document.stems})

    @staticmethod
    def _chains(song: LoadedSong) -> dict[str, Chain]:
        reached = {to for _, to in soloed(song.document, song.solo)}
        return {bus: song.effects(bus) for bus in song.routing.buses if bus in reached} | {MIX: Chain([])}
