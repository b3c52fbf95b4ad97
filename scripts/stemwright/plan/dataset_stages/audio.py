"""Audio: the mix, the master and the stems of each song, in the format of the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stemwright.graph import Artifact, Graph, Input
from stemwright.plan.stages._base import Stage, level_inputs, render_context
from stemwright.plan.stages.delivered import ceiling, origin_of
from stemwright.song.deliverables import Deliverable
from stemwright.song.load_dataset import DatasetTrack, LoadedDataset
from stemwright.song.routing import MIX


class Audio(Stage[LoadedDataset]):
    """`audio/TRACK/mix.ENDING`, `…/stems/STEM.ENDING`. They are judged as delivered files of their song."""

    script = "deliver_file"
    judged_as = "delivered"

    def names(self, song: LoadedDataset) -> Sequence[str]:
        """Their paths below the folder `audio`."""
        return [name for track in song.tracks for name in audio_names(song, track)]

    def artifact(self, song: LoadedDataset, graph: Graph, name: str) -> Artifact:
        """One a file, of what the song delivers."""
        track, rest = song.located(name)
        own, found = track.song, deliverable(song, rest)
        origin = origin_of(own, graph.songs[own.name], found)
        session = own.document.session
        wanted = song.document.delivery.planned(session.sample_rate, session.channels, own.timeline.frames)
        inputs: dict[str, Sequence[Input]] = {"audio": [origin]}
        if origin.stage == "processed":
            inputs |= level_inputs([own.routing.feeds(MIX)[found.stem]], graph.songs[own.name])
        return self.make(
            graph,
            f"audio/{name}",
            name,
            inputs=inputs,
            format=wanted,
            stem=found.stem,
            target=origin.target,
            role=found.role,
        )

    def params(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """The format, and of a stem or bus that is not printed the faders to the mix."""
        (origin,) = artifact.made_of("audio")
        track, rest = song.located(artifact.name)
        own, found, delivery = track.song, deliverable(song, rest), song.document.delivery
        faders = own.routing.feeds(MIX)[found.stem].to_dict() if origin.stage == "processed" else {}
        return {
            "faders": faders,
            "encoding": delivery.encoding() | ceiling(own, artifact, delivery),
            "metadata": {},
            "seed": found.stem or ("" if found.role == "master" else found.role),
            "context": render_context(own),
        }

    def tools(self, song: LoadedDataset, artifact: Artifact) -> dict[str, Any]:
        """The code and the programs of its job, with those of its format alone."""
        encoder = song.document.delivery.encoder
        return self.tools_with([encoder.__module__], encoder.libraries())


def audio_names(dataset: LoadedDataset, track: DatasetTrack) -> list[str]:
    """The paths of the audio files of a track below the folder `audio`."""
    ending = dataset.document.delivery.encoder.ending
    names = [
        name
        for what in dataset.document.audio
        for name in ([f"stems/{stem}" for stem in track.stems] if what == "stems" else [what])
    ]
    return [f"{track.id}/{name}{ending}" for name in names]


def deliverable(dataset: LoadedDataset, file: str) -> Deliverable:
    """What an audio file is, by its path below the folder of its track."""
    folder, _, name = file.removesuffix(dataset.document.delivery.encoder.ending).rpartition("/")
    return (
        Deliverable("stem", name, file)
        if folder
        else Deliverable("mix" if name == "mix" else "master", "", file)
    )
