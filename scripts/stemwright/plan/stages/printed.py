"""Printed stems: each stem's share of the mix through the buses, or of the master, at the level that it has there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.graph import Artifact, Extra, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import Stage, session_format
from stemwright.plan.stages._steps import (
    all_effects,
    curve_inputs,
    flow_through,
    step_inputs,
    step_params,
)
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MASTER, is_mastered, is_printed, parts, ways
from stemwright.song.selection import Flow


class Printed(Stage):
    """`printed/NAME.wav`, of songs whose stems are delivered printed through buses or through the master."""

    script = "print_stem"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The stems, or the stems and buses, that add up to the mix or the master."""
        is_asked = is_mastered(song.document) or is_printed(song.document)
        return parts(song.document) if is_asked else []

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a part, from the stem, the gain curves on its way, and the files of the effects there."""
        flow = self._flow(song, name)
        inputs: dict[str, Sequence[Input]] = {
            "audio": [graph.get("processed", name)],
            **step_inputs(flow, graph),
            "curves": curve_inputs(flow, graph),
        }
        if MASTER in flow.steps:
            inputs["settings"] = [Extra(graph.get("master").extras["settings"])]
        after = graph.stage("master") if MASTER in flow.steps else ()
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
        return step_params(song, self._flow(song, artifact.name))

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """All effects on its way."""
        flow = self._flow(song, artifact.name)
        limiter = [Limiter()] if MASTER in flow.steps else []
        return Chain([*all_effects(flow).effects, *limiter])

    @staticmethod
    def _flow(song: LoadedSong, name: str) -> Flow:
        return flow_through(song, song.printed_through(name), [name], ways(song.document))
