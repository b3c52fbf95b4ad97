"""Printed stems: each stem's share of the mix through the buses, or of the master, at the level that it has there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.graph import Artifact, Extra, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    file_roles,
    paths_of,
    render_context,
    session_format,
    source_files,
    without_paths,
)
from stemwright.plan.stages.gains import MASTER
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX, is_printed, parts


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
        curves = [graph.get("gains", strip) for strip in chains if strip in graph.names("gains")]
        inputs: dict[str, Sequence[Input]] = {
            "audio": [graph.get("processed", name)],
            "files": [file for chain in chains.values() for file in source_files(chain)],
            "curves": curves,
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
        chains = self._chains(song, artifact.name)
        known, steps = {artifact.name}, []
        for strip, chain in chains.items():
            feeds = {MIX: []} if strip == MASTER else paths_of(song.routing.feeds(strip))
            steps.append(
                {
                    "name": strip,
                    "feeds": {source: path for source, path in feeds.items() if source in known},
                    "effects": without_paths(chain.entries(), chain),
                    "curves": chain.curve_count,
                }
            )
            known.add(strip)
        return {
            "name": artifact.name,
            "steps": steps,
            "files": [f"{strip}.{each}" for strip, chain in chains.items() for each in file_roles(chain)],
            "context": render_context(song, any(chain.needs_timeline for chain in chains.values())),
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """All effects on its way."""
        chains = self._chains(song, artifact.name)
        effects = [effect for chain in chains.values() for effect in chain.effects]
        return Chain([*effects, *([Limiter()] if MASTER in chains else [])])

    @staticmethod
    def _chains(song: LoadedSong, name: str) -> dict[str, Chain]:
        """The effects of each bus on its way, in order, of the mix, which has none, and of the master."""
        known, found = {name}, dict[str, Chain]()
        for bus in song.routing.buses:
            if known & set(song.routing.feeds(bus)):
                known.add(bus)
                found[bus] = song.effects(bus)
        if not is_printed(song.document):
            found = {}
        found[MIX] = Chain([])
        if song.document.delivery.stems.through == "master":
            found[MASTER] = song.master_effects
        return found
