"""The timeline: tempo, meters, sections and beats as exact frames, keys and chords."""

from __future__ import annotations

from collections.abc import Iterator
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

    def artifacts(self, song: LoadedSong, graph: Graph) -> Iterator[Artifact]:
        """The one timeline."""
        yield self.artifact(graph, "timeline.json", format={"frames": song.timeline.frames})

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The exact timeline, and the harmony of each section."""
        harmony = song.harmony if song.document.sections else []
        return {
            "timeline": song.timeline.to_dict(),
            "key": song.document.key,
            "section_keys": [section.key for section in harmony],
            "chords": [[[str(chord.start), chord.symbol] for chord in section.chords] for section in harmony],
        }
