"""Albums and datasets as jobs: their artifacts are made of those of their songs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from stemwright.graph import ALBUM_STAGES, DATASET_STAGES, Artifact, Graph
from stemwright.plan.jobs import Plan
from stemwright.records.paths import ALBUMS, DATASETS
from stemwright.song.load_album import LoadedAlbum
from stemwright.song.load_dataset import LoadedDataset


class CollectionPlan(Plan):
    """The jobs of one album or dataset.

    Parameters
    ----------
    collection : LoadedAlbum or LoadedDataset
        The album, or the dataset.
    results : str
        The output root, as Snakemake names it in paths.
    songs : mapping of str to Plan
        The plans of its songs, by name.
    """

    folder: ClassVar[str]
    package: ClassVar[str]

    def __init__(self, collection: LoadedAlbum | LoadedDataset, results: str, songs: Mapping[str, Plan]):
        self.song: Any = collection
        self._songs = songs
        graphs = {name: plan.graph for name, plan in songs.items()}
        self.graph = Graph(collection, f"{results}/{self.folder}", self.package, graphs)

    def time_of(self, artifact: Artifact) -> dict[str, Any]:
        """None: it is not in the time of one song."""
        return {}


class AlbumPlan(CollectionPlan):
    """The jobs of an album."""

    folder, package = ALBUMS, ALBUM_STAGES

    @property
    def frames(self) -> int:
        """How long its disc is."""
        frames: int = self.song.disc_frames
        return frames

    def judged(self, artifact: Artifact) -> Any:
        """A track is judged as a delivered file of its song; all else as part of the album."""
        return self.song.files[artifact.name].song if artifact.stage == "track" else self.song


class DatasetPlan(CollectionPlan):
    """The jobs of a dataset."""

    folder, package = DATASETS, DATASET_STAGES

    @property
    def frames(self) -> int:
        """How long its longest song is."""
        return max(plan.frames for plan in self._songs.values())

    def judged(self, artifact: Artifact) -> Any:
        """Audio, notes and annotations are judged as those of their song; all else as part of the dataset."""
        if artifact.stage in ("audio", "notes", "annotations"):
            return self.song.located(artifact.name)[0].song
        return self.song
