"""The graph of one song: its artifacts, as its stages give them."""

from __future__ import annotations

from functools import cached_property

from stemwright.base.errors import StemwrightError
from stemwright.graph.artifact import Artifact
from stemwright.song.loaded import LoadedSong
from stemwright.validation import registry

STAGES = "stemwright.plan.stages"
"""The package of the stages."""


class Graph:
    """All artifacts of a song.

    Parameters
    ----------
    song : LoadedSong
        The song.
    results : str
        The output root, as Snakemake names it in paths.
    """

    def __init__(self, song: LoadedSong, results: str):
        self.song = song
        self.results = results
        self._stages: dict[str, tuple[Artifact, ...]] = {}
        self._open: list[str] = []

    @property
    def home(self) -> str:
        """The folder of the song."""
        return f"{self.results}/{self.song.name}"

    @cached_property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Every artifact, each after all that it is made of."""
        for stage in registry.kinds(STAGES):
            self.stage(stage)
        return tuple(artifact for artifacts in self._stages.values() for artifact in artifacts)

    def stage(self, stage: str) -> tuple[Artifact, ...]:
        """The artifacts of a stage, in its own order. Raises StemwrightError for stages that need each other."""
        if stage not in self._stages:
            if stage in self._open:
                circle = " → ".join([*self._open[self._open.index(stage) :], stage])
                raise StemwrightError(f"{self.song.name}: stages need each other in a circle: {circle}")
            self._open.append(stage)
            self._stages[stage] = tuple(registry.load(STAGES, stage)().artifacts(self.song, self))
            self._open.remove(stage)
        return self._stages[stage]

    def get(self, stage: str, name: str = "") -> Artifact:
        """The artifact of a stage, by name where it has several. Raises KeyError if there is none."""
        for artifact in self.stage(stage):
            if artifact.name == (name or stage):
                return artifact
        raise KeyError(f"{self.song.name} has no {stage} {name}".rstrip())
