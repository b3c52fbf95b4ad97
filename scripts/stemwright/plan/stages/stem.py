"""Stems as they are rendered or imported, before effects, full length from time zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph, Input
from stemwright.music.component import Component
from stemwright.plan.stages._base import (
    Stage,
    before_audio,
    file_roles,
    render_context,
    session_format,
    source_files,
    without_paths,
)
from stemwright.song.loaded import LoadedSong


class Stem(Stage):
    """`stems/STEM.wav`."""

    script = "render_stem"

    def names(self, song: LoadedSong) -> Sequence[str]:
        """Its stems."""
        return song.stems

    def artifact(self, song: LoadedSong, graph: Graph, name: str) -> Artifact:
        """One a stem. Before any is made, the timeline and the reference must have passed."""
        source = song.source(name)
        inputs: dict[str, Sequence[Input]] = {"files": source_files(source)}
        if source.needs_reference:
            inputs["reference"] = graph.stage("reference")
        return self.make(
            graph,
            f"stems/{name}.wav",
            name,
            inputs=inputs,
            after=before_audio(graph),
            format=session_format(song),
            stem=name,
            compared_with=[graph.get("notes", name)] if name in graph.names("notes") else [],
        )

    def params(self, song: LoadedSong, artifact: Artifact) -> dict[str, Any]:
        """The source with its keys, its seed, the sections it sounds in, and the harmony that it plays."""
        source, sections = song.source(artifact.stem), song.document.stems[artifact.stem].sections
        ((kind, keys),) = source.entry().items()
        after_pickup = bool(song.timeline.tempo.pickup)  # bar 1 is not where the song begins
        context = render_context(song, source.needs_timeline or bool(sections) or after_pickup)
        uses = [source.uses(section.name) for section in song.timeline.sections_or_all]
        if any(uses):
            harmony = zip(song.harmony, uses, strict=True)
            context["harmony"] = [section.to_dict(used) for section, used in harmony]
        return {
            "source": {kind: without_paths(keys, source)},
            "seed": artifact.stem,
            "files": file_roles(source),
            **({"sections": sorted(sections)} if sections else {}),
            "context": context,
        }

    def component(self, song: LoadedSong, artifact: Artifact) -> Component:
        """Its source."""
        return song.source(artifact.stem)
