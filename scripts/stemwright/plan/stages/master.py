"""The master: the mix after the master chain, at its loudness and under its ceiling."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.mixing import loudness_targets
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    chain_inputs,
    chain_params,
    compared_song,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong


class Master(Stage):
    """`master/master.wav`, and `master/master.json`, which says what the master chain settled on."""

    script = "master_mix"

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one master."""
        inputs = {"mix": graph.stage("mix"), **chain_inputs(song.master_effects, graph)}
        extras = {"settings": "master/master.json"}
        return self.make(
            graph,
            "master/master.wav",
            inputs=inputs,
            format=session_format(song),
            extras=extras,
            compared_with=compared_song(song),
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The master chain, and the loudness that it is brought to."""
        master, effects, target = song.document.master, song.master_effects, song.target
        limiter = asdict(master.limiter) if master.limiter else None
        if limiter and (most := loudness_targets.max_peak(target)) is not None:
            limiter["ceiling_db"] = min(limiter["ceiling_db"], most)
        return {
            **chain_params(effects),
            "gain_db": master.gain_db,
            "limiter": limiter,
            "target": loudness_targets.master_aim(target) if target else None,
            "dual_mono": master.dual_mono,
            "context": render_context(song, effects.needs_timeline),
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.master_effects
