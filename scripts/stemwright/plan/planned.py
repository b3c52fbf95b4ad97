"""The plan of a song, an album or a dataset as plain data, as rules read it: worked out now, or in an earlier run.

`Plan` works it out and says it in lines of JSON: first what is known of the whole, then two lines for each artifact,
about the job that makes it and the job that verifies it. They are read when the job is. What changes apart from the
song is not part of it: how often an artifact was refused.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemwright.graph.artifact import Artifact, Extra, Input, SourceFile
from stemwright.graph.stored import StoredGraph, inputs_of
from stemwright.records.paths import artifact_of, records_in, refused_page_of
from stemwright.records.refusals import refusal_count

if TYPE_CHECKING:
    from stemwright.plan.jobs import Plan


_ALIKE = 3_000  # bytes of an artifact of each stage
_SMALL = 6  # entries


class PlannedFiles:
    """The files of a plan. Whoever is one has `artifacts`: every artifact, each after all that it is made of."""

    artifacts: tuple[Artifact, ...]

    @property
    def targets(self) -> list[str]:
        """Every file that one may ask Snakemake for."""
        return [target for artifact in self.artifacts for target in artifact.targets]

    @property
    def written(self) -> list[str]:
        """Every file that jobs write, but for logs and benchmarks."""
        ledgers = [artifact.ledger for artifact in self.artifacts]
        return [*self.targets, *ledgers, *map(refused_page_of, ledgers)]

    @cached_property
    def source_files(self) -> list[str]:
        """Every file that the song is made from."""
        inputs = (
            entry
            for a in self.artifacts
            for entries in (*a.inputs.values(), a.compared_with)
            for entry in entries
        )
        return list(dict.fromkeys(entry.path for entry in inputs if isinstance(entry, SourceFile)))

    @staticmethod
    def job_inputs(artifact: Artifact) -> dict[str, Sequence[Input]]:
        """What the job that makes an artifact reads, by role, with `verified`, the sentinels that must be there."""
        read = {entry.path for entries in artifact.inputs.values() for entry in entries}
        verified = {entry.path: entry.passed for entry in artifact.direct() if entry.sentinel not in read}
        return {**artifact.inputs, "verified": list(verified.values())}


class Planned(PlannedFiles):
    """The jobs of one song, album or dataset.

    Attributes
    ----------
    graph : StoredGraph
        Its artifacts.
    stages : list of str
        The names of all stages.
    title : str
        What people call it.
    warnings : list of str
        What is probably a mistake, and what this machine lacks for it: a line each.
    doubts_of_table : list of str
        What is probably a mistake in its table; other songs of the table have the same.
    strips : list of str
        The names of its stems and buses.
    solo : list of str
        Those of them that are soloed.
    unrepeatable : dict of str to list of str
        Which artifacts may differ if they are made again, by path, with the kinds of effects that are why.

    Parameters
    ----------
    lines : sequence of bytes
        What `Plan.lines` says.
    whole : callable
        Gives the `Plan` itself: what it has on request is not among the lines.
    packing : Packing
        How its lines are kept.
    others : iterable of Artifact
        Of an album or a dataset: the artifacts of its songs.
    """

    def __init__(
        self,
        lines: Sequence[bytes],
        whole: Callable[[], Plan],
        packing: Packing,
        others: Iterable[Artifact] = (),
    ):
        head = _with_parts_shared(json.loads(lines[0]), {})
        names: dict[str, Sequence[str]] = head["names"]
        self._whole = whole
        self.graph = StoredGraph(names, head["artifacts"], others, lambda *key: whole().graph.get(*key))
        self.artifacts = self.graph.artifacts
        self.stages = list(names)
        self.title: str = head["title"]
        self.warnings: list[str] = head["warnings"]
        self.doubts_of_table: list[str] = head["doubts_of_table"]
        self.strips: list[str] = head["strips"]
        self.solo: list[str] = head["solo"]
        self.unrepeatable: dict[str, list[str]] = head["unrepeatable"]
        own = list(self.graph.by_path)[-len(self.artifacts) :]
        pairs = [b"\n".join(pair) for pair in zip(lines[1::2], lines[2::2], strict=True)]
        packing.begin({artifact.stage: pair for artifact, pair in zip(self.artifacts, pairs, strict=True)})
        self._packing = packing
        self._lines = dict(zip(own, map(packing.pack, pairs), strict=True))

    def job(self, artifact: Artifact) -> dict[str, Any]:
        """The param of the job that makes an artifact."""
        return {**self._entries(artifact, 0)[0], "refusals": refusal_count(Path(artifact.ledger))}

    def job_needs(self, artifact: Artifact) -> dict[str, int]:
        """What that job takes of its machine."""
        return self._entries(artifact, 0)[1]

    def verification(self, artifact: Artifact) -> dict[str, Any]:
        """The param of the job that verifies an artifact."""
        return self._entries(artifact, 1)[0]

    def verification_needs(self, artifact: Artifact) -> dict[str, int]:
        """What that job takes of its machine."""
        return self._entries(artifact, 1)[2]

    def verification_inputs(self, artifact: Artifact) -> dict[str, Sequence[Input]]:
        """What the job that verifies an artifact reads, by role: itself, its record, and what its gates ask for."""
        itself = [Extra(path) for path in (*artifact.extras.values(), artifact.produced)]
        known = self.graph.by_path
        if artifact.path not in known:  # it is made on request
            known = {**{each.path: each for each in artifact.upstream()}, **known}
        return {"artifact": [artifact, *itself], **inputs_of(self._entries(artifact, 1)[1], known)}

    def on_request(self, file: str) -> Artifact | None:
        """See `Plan.on_request`."""
        return self._whole().on_request(file)

    def near_on_request(self, file: str) -> str:
        """See `Plan.near_on_request`."""
        return self._whole().near_on_request(file)

    def built_on_request(self, root: str = "") -> Iterator[Artifact]:
        """See `Plan.built_on_request`."""
        places = (str(place.relative_to(root)) for place in records_in(Path(root, self.graph.home)))
        if any(artifact_of(place) not in self._lines for place in places):
            yield from self._whole().built_on_request(root)

    def _entries(self, artifact: Artifact, number: int) -> Any:
        """What is known of an artifact, see `Plan.entries`: one of these."""
        if artifact.path in self._lines:
            return json.loads(self._packing.unpack(self._lines[artifact.path]).split(b"\n")[number])
        return self._whole().entries(artifact)[number]


class Packing:
    """How the lines of plans are kept in memory: beside those of the first plan, others take a fifteenth.

    What a stage says of its artifacts is much alike, in one song and in all of a catalogue.
    """

    def __init__(self) -> None:
        self._alike = b""

    def begin(self, examples: Mapping[str, bytes]) -> None:
        """Have lines of each stage that others may be like, unless there are some."""
        if not self._alike:
            self._alike = b"".join(each[:_ALIKE] for each in reversed([*examples.values()]))
            self._packer = zlib.compressobj(wbits=-zlib.MAX_WBITS, zdict=self._alike)

    def pack(self, lines: bytes) -> bytes:
        """Lines as they are kept."""
        packer = self._packer.copy()
        return packer.compress(lines) + packer.flush()

    def unpack(self, packed: bytes) -> bytes:
        """Lines from what is kept of them."""
        return zlib.decompressobj(-zlib.MAX_WBITS, zdict=self._alike).decompress(packed)


def _with_parts_shared(data: Any, known: dict[str, Any]) -> Any:
    """Plain data in which texts that are equal are the same, here and in other plans, and so are dicts, here.

    Parameters
    ----------
    data : object
        What `json.loads` returned. Lists in it become tuples.
    known : dict
        The dicts that were found before, by what they print as.
    """
    if isinstance(data, str):
        return sys.intern(data)
    if isinstance(data, list):
        return tuple([_with_parts_shared(each, known) for each in data])
    if isinstance(data, dict):
        shared = {key: _with_parts_shared(value, known) for key, value in data.items()}
        return known.setdefault(repr(shared), shared) if len(shared) <= _SMALL else shared
    return data
