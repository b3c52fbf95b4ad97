"""The master: the mix after the master chain, at its loudness and under its ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from stemwright.graph import Artifact, Graph, Input
from stemwright.mixing import loudness_targets
from stemwright.mixing.faders import Faders
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    chain_inputs,
    chain_params,
    compared_song,
    level_inputs,
    paths_of,
    render_context,
    session_format,
)
from stemwright.song.loaded import LoadedSong


class Master(Stage):
    """`master/master.wav`, and `master/master.json`, which says what the master chain settled on."""

    script = "master_mix"

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one master."""
        return self.master_of(song, graph, graph.get("mix"), "master")

    def master_of(
        self, song: LoadedSong, graph: Graph, mix: Artifact, folder: str, version: str = ""
    ) -> Artifact:
        """The master of a mix.

        Parameters
        ----------
        song : LoadedSong
            The song, or a version as a song.
        graph : Graph
            The graph of the song.
        mix : Artifact
            The mix.
        folder : str
            Where it is, below the song's folder.
        version : str
            The version that it belongs to; empty for the song as a whole.

        Returns
        -------
        Artifact
        """
        inputs: dict[str, Sequence[Input]] = {
            "mix": [mix],
            **chain_inputs(song.master_effects, graph),
        }
        if speech := self._speech(song):
            inputs["dialogue"] = tuple(graph.get("processed", name) for name in speech)
            inputs |= level_inputs(speech.values(), graph)
        return self.make(
            graph,
            f"{folder}/master.wav",
            version,
            inputs=inputs,
            format=session_format(song),
            extras={"settings": f"{folder}/master.json"},
            compared_with=compared_song(song),
            version=version,
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
            "target": loudness_targets.master_aim(target, bool(song.dialogue)) if target else None,
            **({"dialogue": paths_of(speech)} if (speech := self._speech(song)) else {}),
            "dual_mono": master.dual_mono,
            "context": render_context(song, effects.needs_timeline),
        }

    @staticmethod
    def _speech(song: LoadedSong) -> dict[str, Faders]:
        """The dialogue stems with their faders, if the target is a loudness of dialogue."""
        if not song.target.get("dialogue"):
            return {}
        return {name: song.routing.output(name) for name in song.dialogue}

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.master_effects
