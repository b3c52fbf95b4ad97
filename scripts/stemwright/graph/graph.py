"""The graph of one song, album or dataset: its artifacts, as its stages give them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.graph.artifact import Artifact
from stemwright.validation import registry

STAGES = "stemwright.plan.stages"
"""The package of the stages of a song."""

ALBUM_STAGES = "stemwright.plan.album_stages"
"""The package of the stages of an album."""


DATASET_STAGES = "stemwright.plan.dataset_stages"
"""The package of the stages of a dataset."""


class Graph:
    """All artifacts of a song, an album or a dataset.

    Parameters
    ----------
    song : LoadedSong or LoadedAlbum or LoadedDataset
        The song, the album or the dataset.
    results : str
        The folder of its folder, as Snakemake names it in paths.
    stages : str
        The package of its stages.
    songs : mapping of str to Graph
        Of an album or a dataset: the graphs of its songs, by name.
    """

    def __init__(
        self, song: Any, results: str, stages: str = STAGES, songs: Mapping[str, Graph] | None = None
    ):
        self.song = song
        self.results = results
        self.stages = stages
        self.songs = songs or {}
        self._found: dict[tuple[str, str], Artifact] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._open: list[tuple[str, str]] = []

    @property
    def home(self) -> str:
        """The folder of the song, album or dataset."""
        return f"{self.results}/{self.song.name}"

    @cached_property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Every artifact, each after all that it is made of; not those that are made on request."""
        for stage in registry.kinds(self.stages):
            self.stage(stage)
        names = {stage: set(self.names(stage)) for stage in registry.kinds(self.stages)}
        return tuple(each for (stage, name), each in self._found.items() if name in names[stage])

    def stage(self, stage: str) -> tuple[Artifact, ...]:
        """The artifacts of a stage, in its own order."""
        return tuple(self.get(stage, name) for name in self.names(stage))

    def names(self, stage: str) -> tuple[str, ...]:
        """The names of the artifacts of a stage, in its own order."""
        if stage not in self._names:
            self._names[stage] = tuple(registry.load(self.stages, stage)().names(self.song))
        return self._names[stage]

    def get(self, stage: str, name: str = "") -> Artifact:
        """The artifact of a stage, by name where it has several.

        Raises KeyError if there is none, and StemwrightError for artifacts that need each other in a circle, or that
        are made on request and that the song cannot have.
        """
        key = (stage, name or stage)
        if key not in self._found:
            kind: Any = registry.load(self.stages, stage)
            if not kind.on_request and key[1] not in self.names(stage):
                raise KeyError(f"{self.song.name} has no {stage} {name}".rstrip())
            if key in self._open:
                circle = [*self._open[self._open.index(key) :], key]
                words = " → ".join(" ".join(dict.fromkeys(each)) for each in circle)
                raise StemwrightError(f"{self.song.name}: artifacts need each other in a circle: {words}")
            self._open.append(key)
            try:
                self._found[key] = kind().artifact(self.song, self, key[1])
            finally:
                self._open.pop()
        return self._found[key]
