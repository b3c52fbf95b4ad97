"""The graph of a song, an album or a dataset as plain data: what was planned, without what it was planned from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from stemwright.graph.artifact import Ancient, Artifact, Extra, Input, SourceFile, Verdict

_KINDS: dict[str, Any] = {"extra": Extra, "source": SourceFile, "ancient": Ancient}
_PLAIN = [each.name for each in fields(Artifact) if each.name not in ("inputs", "after", "compared_with")]


class StoredGraph:
    """All artifacts of a song, an album or a dataset.

    Parameters
    ----------
    stages : mapping of str to sequence of str
        The names of the artifacts of each stage, in its own order.
    artifacts : sequence of dict
        What `artifact_data` says of each, in the order of a `Graph`.
    others : iterable of Artifact
        Of an album or a dataset: the artifacts of its songs.
    more : callable, optional
        Gives the artifact of a stage and a name that is not among them.
    """

    def __init__(
        self,
        stages: Mapping[str, Sequence[str]],
        artifacts: Sequence[Mapping[str, Any]],
        others: Iterable[Artifact] = (),
        more: Callable[[str, str], Artifact] | None = None,
    ):
        self._stages, self._more = stages, more
        self.by_path = {other.path: other for other in others}
        """Every artifact, and every other one, by its path."""
        self._found: dict[tuple[str, str], Artifact] = {}
        for data in artifacts:
            artifact = _artifact(data, self.by_path)
            self.by_path[artifact.path] = self._found[artifact.stage, artifact.name] = artifact
        self.artifacts = tuple(self._found.values())
        """Every artifact, each after all that it is made of."""

    def stage(self, stage: str) -> tuple[Artifact, ...]:
        """The artifacts of a stage, in its own order."""
        return tuple(self.get(stage, name) for name in self._stages[stage])

    def get(self, stage: str, name: str = "") -> Artifact:
        """The artifact of a stage, by name where it has several. Raises KeyError if there is none."""
        found = self._found.get((stage, name or stage))
        if found is None and self._more:
            return self._more(stage, name)
        return found or self._found[stage, name or stage]

    @property
    def home(self) -> str:
        """The folder of the song, the album or the dataset."""
        return self.artifacts[0].home


def artifact_data(artifact: Artifact) -> dict[str, Any]:
    """An artifact as plain data; others are named by their paths."""
    return {
        **{name: getattr(artifact, name) for name in _PLAIN},
        "inputs": inputs_data(artifact.inputs),
        "after": [other.path for other in artifact.after],
        "compared_with": [_input_data(entry) for entry in artifact.compared_with],
    }


def inputs_data(inputs: Mapping[str, Iterable[Input]]) -> dict[str, list[list[str]]]:
    """Inputs by role as plain data."""
    return {role: [_input_data(entry) for entry in entries] for role, entries in inputs.items()}


def inputs_of(data: Mapping[str, Any], artifacts: Mapping[str, Artifact]) -> dict[str, Sequence[Input]]:
    """Inputs by role, from `inputs_data` and the artifacts by path."""
    return {role: tuple(_input(entry, artifacts) for entry in entries) for role, entries in data.items()}


def _artifact(data: Mapping[str, Any], artifacts: Mapping[str, Artifact]) -> Artifact:
    return Artifact(
        **{name: data[name] for name in _PLAIN},
        inputs=inputs_of(data["inputs"], artifacts),
        after=tuple(artifacts[path] for path in data["after"]),
        compared_with=tuple(_input(entry, artifacts) for entry in data["compared_with"]),
    )


def _input_data(entry: Input) -> list[str]:
    if isinstance(entry, Artifact):
        return ["artifact", entry.path]
    if isinstance(entry, Verdict):
        return ["verdict", entry.artifact.path]
    return [next(kind for kind, each in _KINDS.items() if isinstance(entry, each)), entry.path]


def _input(entry: Sequence[str], artifacts: Mapping[str, Artifact]) -> Input:
    kind, path = entry
    if kind == "artifact":
        return artifacts[path]
    return Verdict(artifacts[path]) if kind == "verdict" else _KINDS[kind](path)
