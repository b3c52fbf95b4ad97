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
    """`master/master.wav`, and `master/master.json`, which says what the master chain settled on.

    A stage of other masters says what they are of (`mix`), how loud they are to be (`target`), and where they are
    (`file`).
    """

    script = "master_mix"

    def mix(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """What the master of a name is of.

        Parameters
        ----------
        song, graph, name
            As in `artifact`.

        Returns
        -------
        Artifact
            A mix.
        """
        return graph.get("mix")

    def target(self, song: LoadedSong, name: str) -> dict:
        """The loudness target of the master of a name, as plain data; empty if there is none."""
        return song.target

    def file(self, name: str) -> str:
        """The path of the master of a name below the song's folder, without ending."""
        return "master/master"

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One master."""
        mix, target = self.mix(song, graph, name), self.target(song, name)
        inputs: dict[str, Sequence[Input]] = {
            "mix": [mix],
            **chain_inputs(song.master_effects, graph),
        }
        if speech := _speech(song, target):
            inputs["dialogue"] = tuple(graph.get("processed", name) for name in speech)
            inputs |= level_inputs(speech.values(), graph)
        return self.make(
            graph,
            f"{self.file(name)}.wav",
            name,
            inputs=inputs,
            format={**session_format(song), "frames": mix.format["frames"]},
            extras={"settings": f"{self.file(name)}.json"},
            compared_with=compared_song(song),
            target=target,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The master chain, and the loudness that it is brought to."""
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
            "context": render_context(song, effects.needs_timeline) | {"frames": artifact.format["frames"]},
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.master_effects


def _speech(song: LoadedSong, target: dict) -> dict[str, Faders]:
    """The dialogue stems with their faders, if the target is a loudness of dialogue."""
    if not target.get("dialogue"):
        return {}
    return {name: song.routing.output(name) for name in song.dialogue}
