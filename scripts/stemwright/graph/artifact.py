"""An artifact: one file that a job makes and a verification judges, with what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from stemwright.records.paths import ledger_of, produced_of, sentinel_of


@dataclass(frozen=True)
class SourceFile:
    """A file that a song is made from: a user's, or one that a rule of the song's own makes."""

    path: str


@dataclass(frozen=True)
class Ancient:
    """A file that a job needs, but whose being new is no reason to run it (Snakemake's `ancient`)."""

    path: str


@dataclass(frozen=True)
class Extra:
    """A further file of the job that makes an artifact: one of its `extras`."""

    path: str


@dataclass(frozen=True)
class Verdict:
    """What was measured of an artifact: its sentinel, and another one is a reason to run."""

    artifact: Artifact

    @property
    def path(self) -> str:
        """The path of the sentinel."""
        return self.artifact.sentinel


@dataclass(frozen=True, eq=False)
class Artifact:
    """One file of a song's build.

    Attributes
    ----------
    stage, name : str
        What it is, such as `stem` and `bass`. Of a stage with one artifact, the name is the stage's.
    home : str
        The folder of its song, below the output root.
    file : str
        Its path, relative to `home`.
    inputs : mapping of str to sequence
        What its job reads, by role. An artifact among them must have passed its gates.
    after : sequence of Artifact
        What must have passed before its job starts, although the job does not read it.
    format : mapping
        What its gates expect of it: `sample_rate` in Hz, `channels`, `subtype`, `frames`, `container`. FLOAT_24, which
        is a file of 32-bit float with 24-bit values, stands under `sample_format`; what a delivered file says about
        itself, if anything, under `metadata`.
    judged_as : str
        The stage whose gates judge it.
    stem : str
        The stem or bus that it belongs to, whose `gates` override the song's; empty for what belongs to the whole song.
    extras : mapping of str to str
        Paths of further files that its job makes, by role.
    is_audio : bool
        Whether it is an audio file.
    compared_with : sequence
        What its gates compare it with, and its job does not read.
    target : mapping
        The loudness target that it is to meet, as plain data (see `loudness_targets.limits`); empty if there is none.
    role : str
        What a delivered file is: `master`, `mix` or `stem`.
    version : str
        The version of the song that it belongs to; empty for the song as a whole.
    """

    stage: str
    name: str
    home: str
    file: str
    inputs: Mapping[str, Sequence[Input]] = field(default_factory=dict)
    after: Sequence[Artifact] = ()
    format: Mapping[str, object] = field(default_factory=dict)
    judged_as: str = ""
    stem: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)
    is_audio: bool = True
    compared_with: Sequence[Input] = ()
    target: Mapping[str, object] = field(default_factory=dict)
    role: str = ""
    version: str = ""

    @property
    def path(self) -> str:
        """Its path, as Snakemake knows it."""
        return f"{self.home}/{self.file}"

    @property
    def sentinel(self) -> str:
        """The path of its sentinel."""
        return sentinel_of(self.path)

    @property
    def passed(self) -> Ancient:
        """Its sentinel as an input: it must be there, and is no reason to run."""
        return Ancient(self.sentinel)

    @property
    def produced(self) -> str:
        """The path of the record of what its job produced."""
        return produced_of(self.path)

    @property
    def ledger(self) -> str:
        """The path of the ledger of its refusals."""
        return ledger_of(self.home, self.stage, self.file)

    @property
    def targets(self) -> list[str]:
        """Every file of it that one may ask Snakemake for."""
        return [self.path, *self.extras.values(), self.produced, self.sentinel]

    @property
    def sample_format(self) -> str:
        """The format of its samples: `FLOAT_24`, or its subtype."""
        return str(self.format.get("sample_format", self.format["subtype"]))

    def made_of(self, role: str) -> list[Artifact]:
        """The artifacts among its inputs of a role."""
        return [entry for entry in self.inputs.get(role, ()) if isinstance(entry, Artifact)]

    def extra(self, role: str) -> list[Extra]:
        """The further file of its job of a role, as an input; none if it has none."""
        return [Extra(self.extras[role])] if role in self.extras else []

    def direct(self) -> Iterator[Artifact]:
        """Every artifact that its job waits for."""
        for entry in (entry for entries in self.inputs.values() for entry in entries):
            if isinstance(entry, (Artifact, Verdict)):
                yield entry if isinstance(entry, Artifact) else entry.artifact
        yield from self.after

    def upstream(self, stage: str = "") -> list[Artifact]:
        """Every artifact (of a stage, if one is given) that it is built on, each after all that it needs itself."""
        found: dict[str, Artifact] = {}

        def visit(artifact: Artifact) -> None:
            for other in artifact.direct():
                if other.path not in found:
                    visit(other)
                    found[other.path] = other

        visit(self)
        return [artifact for artifact in found.values() if stage in ("", artifact.stage)]

    def lineage(self) -> list[Artifact]:
        """Itself and every artifact whose content is in it, by path: not those that only had to pass before.

        Of what another job writes besides its artifact (its `extras`), that artifact.
        """
        found = {self.path: self}
        ahead = [self]
        while ahead:
            artifact = ahead.pop()
            for entry in (entry for entries in artifact.inputs.values() for entry in entries):
                if isinstance(entry, Extra):
                    entry = next(a for a in artifact.upstream() if entry.path in a.extras.values())
                if isinstance(entry, Artifact) and entry.path not in found:
                    found[entry.path] = entry
                    ahead.append(entry)
        return [found[path] for path in sorted(found)]

    @property
    def sources(self) -> list[str]:
        """The paths of the source files that its own job reads."""
        read = (entry for entries in self.inputs.values() for entry in entries)
        return list(dict.fromkeys(entry.path for entry in read if isinstance(entry, SourceFile)))


Input: TypeAlias = Artifact | Verdict | Extra | SourceFile | Ancient
