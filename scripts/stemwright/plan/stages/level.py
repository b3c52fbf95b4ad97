"""Found levels: the gain of the fader of a stem or bus that is to be as loud as something."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from stemwright.graph import Artifact, Graph, Input, SourceFile
from stemwright.mixing.faders import STILL, Faders
from stemwright.mixing.levels import FoundLevel
from stemwright.plan.stages._base import Stage, level_inputs, paths_of
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import heard_stems


class Level(Stage):
    """`levels/NAME.json`: the gain in dB, and what for."""

    script = "find_level"
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The stems and buses whose `gain_db` is to be found."""
        return sorted(song.routing.levels)

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a fader, from the signal before it and what that is compared with."""
        level = song.routing.levels[name]
        inputs: dict[str, Sequence[Input]] = {"audio": [graph.get("processed", name)]}
        if level.like is not None:
            inputs["other"] = [graph.get("processed", level.like)]
            inputs |= level_inputs(self._compared(song, level).values(), graph)
        elif level.match is not None:
            inputs["parts"] = [graph.get("processed", stem) for stem in self._compared(song, level)]
            inputs["mix"] = [SourceFile(os.path.expanduser(level.match))]
        return self.make(graph, f"levels/{name}.json", name, inputs=inputs, stem=name)

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The level that is asked for, the pan and the mutes of the signal, and the faders of the others."""
        level = song.routing.levels[artifact.name]
        wanted = level.to_dict() | ({"match": "input"} if level.match is not None else {})
        return {
            "stem": artifact.name,
            "level": wanted,
            "faders": self._at_unity(song, artifact.name).to_dict(),
            "compared": paths_of(self._compared(song, level)),
            "channels": song.document.session.channels,
        }

    def _compared(self, song: LoadedSong, level: FoundLevel) -> dict[str, Faders]:
        """What the signal is compared with, by name: another one through its fader, or all stems at 0 dB."""
        if level.like is not None:
            return {level.like: song.routing.output(level.like)}
        if level.match is not None:
            return {stem: self._at_unity(song, stem) for stem in heard_stems(song.document)}
        return {}

    @staticmethod
    def _at_unity(song: LoadedSong, name: str) -> Faders:
        fader = replace(song.routing.fader(name), gain_db=STILL, level="")
        return Faders([fader], song.document.session.channels)
