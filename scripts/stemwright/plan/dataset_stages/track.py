"""Tracks: what a dataset has of each song, as one JSON file with the checksums of its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.delivery import naming
from stemwright.graph import Artifact, Extra, Graph, Input
from stemwright.plan.dataset_stages.audio import audio_names, deliverable
from stemwright.plan.stages._annotated import TABLES, noted
from stemwright.plan.stages._base import Stage
from stemwright.song.load_dataset import LoadedDataset


class Track(Stage[LoadedDataset]):
    """`tracks/TRACK.json`."""

    script = "write_track"
    judged_as = "dataset_track"
    is_audio = False

    def names(self, song: LoadedDataset) -> Sequence[str]:
        """The tracks."""
        return list(song.by_id)

    def artifact(self, song: LoadedDataset, graph: Graph, name: str) -> Artifact:
        """One a track, of all of its files."""
        annotated = graph.get("annotations", name)
        files: list[Input] = [graph.get("audio", file) for file in audio_names(song, song.by_id[name])]
        files += [annotated, *map(Extra, annotated.extras.values())]
        files += [graph.get("notes", f"{name}/{stem}") for stem in noted(song.by_id[name].song)]
        return self.make(graph, f"tracks/{name}.json", name, inputs={"files": files})

    def params(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """What it says of the song, and what each file is."""
        track = song.by_id[artifact.name]
        document, timeline = track.song.document, track.song.timeline
        return {
            "track": {
                "track": track.id,
                "song": track.song.name,
                **({"split": track.split} if track.split else {}),
                "title": document.title,
                "artist": document.artist,
                "bpm": naming.short_bpm(document.bpm),
                "key": document.key,
                "seconds": timeline.frames / timeline.rate,
                "parameters": dict(track.row),
                "instruments": track.song.instruments,
            },
            "home": artifact.home,
            "files": [
                {"role": role, **({"stem": stem} if stem else {})}
                for role, stem in _roles(song, artifact.name)
            ],
        }


def _roles(song: LoadedDataset, name: str) -> list[tuple[str, str]]:
    """The role and the stem of each file of a track, in the order of its inputs."""
    files = [deliverable(song, song.located(each)[1]) for each in audio_names(song, song.by_id[name])]
    found: list[tuple[str, str]] = [(file.role, file.stem) for file in files]
    found += [(role, "") for role in ("jams", "midi", *(table.partition(".")[0] for table in TABLES))]
    return found + [("notes", stem) for stem in noted(song.by_id[name].song)]
