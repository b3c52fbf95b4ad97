"""The master: the mix after the master chain, at its loudness and under its ceiling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from stemwright.effects import Chain
from stemwright.graph import Artifact, Graph, Input
from stemwright.mixing import loudness_targets
from stemwright.mixing.faders import Faders
from stemwright.music.component import Component
from stemwright.music.render_context import RenderContext
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
        return self.master_of(song, graph, "master/master")

    def master_of(
        self,
        song: LoadedSong,
        graph: Graph,
        file: str,
        name: str = "",
        *,
        version: str = "",
        target: Mapping[str, object] | None = None,
    ) -> Artifact:
        """The master of a mix.

        Parameters
        ----------
        song : LoadedSong
            The song.
        graph : Graph
            Its graph.
        file : str
            Its path below the song's folder, without ending.
        name : str
            Its name; by default the stage's.
        version : str
            The version that it is of; empty for the song as a whole.
        target : mapping, optional
            The loudness target that it is to meet, as plain data; by default that of the song or the version.

        Returns
        -------
        Artifact
        """
        mix, song = graph.get("version_mix", version) if version else graph.get("mix"), song.of(version)
        target = song.target if target is None else target
        inputs: dict[str, Sequence[Input]] = {
            "mix": [mix],
            **chain_inputs(song.master_effects, graph),
        }
        if speech := _speech(song, target):
            inputs["dialogue"] = tuple(graph.get("processed", name) for name in speech)
            inputs |= level_inputs(speech.values(), graph)
        return self.make(
            graph,
            f"{file}.wav",
            name,
            inputs=inputs,
            format=session_format(song),
            extras={"settings": f"{file}.json"},
            compared_with=compared_song(song),
            target=target,
            version=version,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The master chain, and the loudness that it is brought to; `is_loop` of one that is to have no seam."""
        song = song.of(artifact.version)
        master, effects, target = song.document.master, song.master_effects, dict(artifact.target)
        limiter = asdict(master.limiter) if master.limiter else None
        if limiter and (most := loudness_targets.max_peak(target)) is not None:
            limiter["ceiling_db"] = min(limiter["ceiling_db"], most)
        return {
            **chain_params(effects),
            "gain_db": master.gain_db,
            "limiter": limiter,
            "target": loudness_targets.master_aim(target, bool(song.dialogue)) if target else None,
            **({"dialogue": paths_of(speech)} if (speech := _speech(song, target)) else {}),
            "dual_mono": master.dual_mono,
            **({"is_loop": True} if song.cut and song.cut.is_loop else {}),
            "context": _context(song, effects),
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.master_effects


def _context(song: LoadedSong, effects: Chain) -> dict[str, Any]:
    """The render context; of a version that is cut from the song, what moves in the song's time moves as it is cut."""
    context = render_context(song, effects.needs_timeline)
    if song.cut is None or not song.cut.slices or not _moves(effects, song.routing.context):
        return context
    timeline = {"timeline": song.cut.song.to_dict()} if effects.needs_timeline else {}
    return {**context, **timeline, "passages": song.cut.passages}


def _moves(effects: Chain, context: RenderContext) -> bool:
    return any(
        curve.points[1:] for effect in effects.effects for curve in effect.key_curves(context).values()
    )


def _speech(song: LoadedSong, target: Mapping[str, object]) -> dict[str, Faders]:
    """The dialogue stems with their faders, if the target is a loudness of dialogue."""
    if not target.get("dialogue"):
        return {}
    return {name: song.routing.output(name) for name in song.dialogue}
