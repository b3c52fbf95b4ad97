"""Notes: what each stem plays, as it sounds, for those who compare what they hear with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph
from stemwright.plan.stages._annotated import NOTES_SCRIPT, noted, notes_inputs, notes_params, notes_tools
from stemwright.plan.stages._base import Stage
from stemwright.song.loaded import LoadedSong


class Notes(Stage):
    """`annotations/notes/STEM.csv` of each stem that plays notes, if the song has annotations."""

    script = NOTES_SCRIPT
    is_audio = False

    def names(self, song: LoadedSong) -> Sequence[str]:
        """The stems that play notes, and those whose notes a gate compares with what is heard."""
        return [stem for stem in noted(song) if song.document.annotations or song.is_heard_for_notes(stem)]

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a stem. The MIDI files that it plays from are read again."""
        timeline = graph.stage("timeline")
        return self.make(
            graph,
            f"annotations/notes/{name}.csv",
            name,
            inputs=notes_inputs(song, name),
            after=timeline,
            compared_with=timeline,
            stem=name,
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The timeline, and what of the stem its notes depend on."""
        return notes_params(song, artifact.name)

    def tools(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The code of what is played too."""
        return notes_tools(song, artifact.name)
