"""Gain curves: what the dynamics of a bus or of the master did to it, for stems and versions that are a share of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.graph import Artifact, Extra, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import Stage, chain_inputs, chain_params, render_context
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MASTER, is_mastered, is_printed


class Gains(Stage):
    """`gains/NAME.npy`: the gain curve of each gain effect of a bus, or of the master chain and its limiter."""

    script = "render_gains"
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The buses with gain effects, if stems or versions go through them; the master, if stems go through it."""
        printed = song.routing.buses if is_printed(song.document) else []
        passed = {step.strip for flow in song.flows.values() for step in flow.steps.values()}
        buses = [
            bus
            for bus in song.routing.buses
            if (bus in printed or bus in passed) and song.effects(bus).curve_count
        ]
        limited = bool(song.document.master.limiter or song.master_effects.curve_count)
        return [*buses, *([MASTER] if is_mastered(song.document) and limited else [])]

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a bus, and one of the master, with what the master chain settled on."""
        inputs: dict[str, Sequence[Input]] = {"audio": [graph.get("bus", name)]} if name != MASTER else {}
        if name == MASTER:
            inputs = {
                "audio": graph.stage("mix"),
                "master": graph.stage("master"),
                "settings": [Extra(graph.get("master").extras["settings"])],
            }
        inputs |= chain_inputs(self._effects(song, name), graph)
        return self.make(graph, f"gains/{name}.npy", name, inputs=inputs)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The effects with their keys."""
        effects = self._effects(song, artifact.name)
        return {**chain_params(effects), "context": render_context(song, effects.needs_timeline)}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects; of the master, with the limiter."""
        effects = self._effects(song, artifact.name)
        return Chain([*effects.effects, *([Limiter()] if artifact.name == MASTER else [])])

    @staticmethod
    def _effects(song: LoadedSong, name: str) -> Chain:
        return song.master_effects if name == MASTER else song.effects(name)
