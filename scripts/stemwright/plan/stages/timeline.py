"""The timeline: tempo, meters, sections and beats as exact frames, keys and chords."""

from __future__ import annotations

from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._base import (
    Stage,
)
from stemwright.song.loaded import LoadedSong


class Timeline(Stage):
    """`timeline.json`."""

    script = "build_timeline"
    is_audio = False

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """The one timeline."""
        return self.make(graph, "timeline.json", format={"frames": song.timeline.frames})

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The exact timeline, and the harmony of each section."""
        harmony = song.harmony if song.document.sections else []
        return {
            "timeline": song.timeline.to_dict(),
            "key": song.document.key,
            "section_keys": [section.key for section in harmony],
            "chords": [[[str(chord.start), chord.symbol] for chord in section.chords] for section in harmony],
        }
