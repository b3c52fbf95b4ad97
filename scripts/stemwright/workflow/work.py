"""What a job works on: its inputs, as it has read them.

A job builds on nothing but the bytes that its input's sentinel vouches for, whatever the dates of the file say, and its
inputs must be the same files from its start to its end. They are hashed while the job works already: before it gives a
file its name, it waits for that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from stemwright.base.errors import ChangedFileError, OrphanedJobError, StemwrightError
from stemwright.base.files import file_state
from stemwright.base.hashing import Digests, Hashing, sha256
from stemwright.records.account import Account, digest_of_params
from stemwright.records.claims import CLAIMED_FOR, is_claimed
from stemwright.records.paths import artifact_of, is_sentinel, name_of_output, root_of, sentinel_of
from stemwright.records.produced import describe_difference, read_both_digests
from stemwright.records.sentinel import read_sentinel


class Work:
    """The artifact that a job makes or verifies, and what it reads.

    Attributes
    ----------
    artifact : str
        The path of the artifact, as in the plan.
    root : str
        Where the job works, see `stemwright.records.produced`.
    hashing : Hashing
        Of the inputs that are compared with their sentinels before a file gets its name.

    Parameters
    ----------
    snakemake : snakemake.script.Snakemake
        What Snakemake gives to the script.
    checked_later : iterable of str
        Roles of inputs that the script itself compares with their sentinels: it would be dear to read them twice.
    """

    def __init__(self, snakemake: Any, checked_later: Iterable[str] = ()):
        self._job = snakemake.params.job
        self.artifact: str = self._job["artifact"]
        self.root = root_of(artifact_of(snakemake.output[0]), self.artifact)
        inputs = {place.removeprefix(self.root): place for place in snakemake.input}
        later = {place for role in checked_later for place in snakemake.input.get(role, ())}
        self._later = {
            path: passed.sha256 for path in inputs if inputs[path] in later and (passed := self._passed(path))
        }
        self._verified = [path for path in inputs if sentinel_of(path) in inputs or path in self._later]
        self._places = {path: place for path, place in inputs.items() if not is_sentinel(path)}
        self._states = {path: file_state(place) for path, place in self._places.items()}
        self._output = name_of_output(snakemake.output[0], self.artifact)
        self._is_compared = False
        read = {path: place for path, place in self._places.items() if path not in self._later}
        self._expected = {path: digests for path in read if (digests := self._on_record(path))}
        self.hashing = Hashing(read.values(), {read[path]: found for path, found in self._expected.items()})

    def _on_record(self, path: str) -> Digests | None:
        """What is on record of an input: in its sentinel, or of what is to be verified, by the job that made it."""
        if path in self._verified:
            return self._passed(path)
        return read_both_digests(path, self.root).get(path) if path == self.artifact else None

    @property
    def xxh3(self) -> str:
        """The XXH3 of the artifact, which was read and is as recorded; "" if it is not on record."""
        found = self._expected.get(self.artifact)
        return found.xxh3 if found else ""

    def _passed(self, path: str) -> Digests | None:
        """What a sentinel vouches for. None of one that is damaged: it is verified again by a job of its own."""
        try:
            record = read_sentinel(path, self.root)
        except (ChangedFileError, OSError):
            return None
        return Digests(record["sha256"], record.get("xxh3", ""))

    def is_checked_later(self, path: str) -> bool:
        """Whether an input is read by the script for the first time, and known from its sentinel until then."""
        return path in self._later

    def check_writing(self) -> None:
        """What must hold before a file gets its final name: that the inputs are right, and the run is there still."""
        self._check_claim()
        if not self._is_compared:
            self.check_inputs()

    def _check_claim(self) -> None:
        """Raise OrphanedJobError if another run may be making what this job makes."""
        run = os.environ.get(CLAIMED_FOR)
        if run and not is_claimed(self._output, run):
            raise OrphanedJobError(
                f"{self._output}: the run that started this job has ended: nothing is written"
            )

    @cached_property
    def _vouched(self) -> dict[str, str]:
        known = self._later | {path: found.sha256 for path, found in self._expected.items()}
        return {path: known.get(path) or read_sentinel(path, self.root)["sha256"] for path in self._verified}

    @cached_property
    def read(self) -> dict[str, str]:
        """The SHA-256 of each input but the sentinels, by path; of one that is checked later, as vouched for."""
        digests = self.hashing.result()
        return {path: self._later.get(path) or digests[place] for path, place in self._places.items()}

    def check_inputs(self) -> None:
        """Raise ChangedFileError if an input is not the file that its sentinel vouches for, or that is damaged.

        Then those that were to be checked later are compared too, so that one more run is enough to make all again.
        """
        self._is_compared = True  # a refusal is written, too
        if self._differing(self.read):
            self.check_all()

    def check_all(self) -> None:
        """The same, of all inputs."""
        if changed := self.changed():
            first, *others = changed
            raise ChangedFileError(first.artifact, first.text, others)

    @contextmanager
    def naming_all_changed(self) -> Iterator[None]:
        """Where one input turns out to be changed, all that are changed are named, so that one more run is enough."""
        try:
            yield
        except ChangedFileError as error:
            others = [each for each in self.changed() if each.artifact != error.artifact]
            raise ChangedFileError(error.artifact, error.text, others) from None

    def changed(self) -> list[ChangedFileError]:
        """Which of all inputs are not what their sentinels vouch for."""
        later = {path: sha256(self._places[path]) for path in self._later}
        return self._differing({**self.read, **later})

    def _differing(self, found: Mapping[str, str]) -> list[ChangedFileError]:
        return [
            ChangedFileError(path, describe_difference(path, found[path], passed))
            for path, passed in self._vouched.items()
            if found[path] != passed
        ]

    def account(self) -> Account:
        """What the job was asked and has read. Raises StemwrightError if an input has changed since it began."""
        changed = [path for path, place in self._places.items() if file_state(place) != self._states[path]]
        if changed:
            raise StemwrightError(
                f"{', '.join(changed)}: changed or went away while {self.artifact} was made from it. "
                "The result was discarded; run snakemake again."
            )
        return Account(digest_of_params(self._job), self.read)
