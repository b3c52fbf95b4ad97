"""The master: the mix after the master chain, at its loudness and under its ceiling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from stemwright.graph import Artifact, Graph, Input
from stemwright.mixing import loudness_targets
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    compared_song,
    file_roles,
    render_context,
    session_format,
    source_files,
    without_paths,
)
from stemwright.song.loaded import LoadedSong


class Master(Stage):
    """`master/master.wav`, and `master/master.json`, which says what the master chain settled on."""

    script = "master_mix"

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """The one master."""
        inputs: dict[str, Sequence[Input]] = {
            "mix": graph.stage("mix"),
            "files": source_files(song.master_effects),
        }
        extras = {"settings": "master/master.json"}
        yield self.artifact(
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
            "effects": without_paths(effects.entries(), effects),
            "files": file_roles(effects),
            "gain_db": master.gain_db,
            "limiter": limiter,
            "target": loudness_targets.master_aim(target) if target else None,
            "dual_mono": master.dual_mono,
            "context": render_context(song, effects.needs_timeline),
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its effects."""
        return song.master_effects
