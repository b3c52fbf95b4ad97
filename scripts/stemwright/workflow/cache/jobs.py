"""A job and the shared cache: what it is to make is taken from there, or stored there once it is made.

What a job's result depends on, and so what its key is made of: its params and tools (code, libraries), the content and
the paths of its inputs in their roles and order, the paths of its files, and the kind of machine. Of a path below the
folder of the song, that folder is left out: a song that is renamed, or another one with the same stem, finds it. A
verification has full paths in its key, since they stand in its sentinel.

- What a job makes is stored before it is judged; a verification is stored only if it has passed. So what is refused
  here is judged anew elsewhere, and never served as passed.
- What was refused here once is made here from then on: if its entry was at fault, a new one replaces it.
- What runs a program or a plug-in whose version we do not know is neither stored nor taken (`only_here`).
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from stemwright.base.errors import ChangedFileError
from stemwright.base.files import atomic_write
from stemwright.base.hashing import sha256
from stemwright.base.printable import printable, printable_lines
from stemwright.records.account import digest_of_params
from stemwright.records.claims import RUN
from stemwright.records.paths import is_sentinel, sentinel_of
from stemwright.records.refusals import forget_page
from stemwright.records.sentinel import parse_sentinel
from stemwright.workflow.cache import CACHE, FROM_CACHE
from stemwright.workflow.cache.entries import (
    FORMAT,
    LARGEST,
    Entry,
    StoredFile,
    name_of_entry,
    read_entry,
    to_text,
)
from stemwright.workflow.cache.machine import kind_of_machine
from stemwright.workflow.cache.places import Damaged, Place, load, place_of
from stemwright.workflow.work import Work

__all__ = ["CachedJob", "load"]

_NOTES = Path(".snakemake/stemwright")
_READING, _STORING = "reading", "storing"
_NOT_READ = "verified"
"""The role of sentinels that must be there and are not read, see `stemwright.plan.jobs`."""
_MOST_LOG = LARGEST // 8  # characters, each up to 6 bytes in JSON
_LONGEST_SENTINEL = 1 << 26  # bytes
_HOME = "\0/"
"""What stands for the folder of the song in paths: elsewhere it may have another name."""
_PASSES = ("pass", "warn", "skip")
_OF_A_CHECK = {"id", "measured", "unit", "limit", "status"}
_MORE_OF_A_CHECK = {"reason", "remedy", "places"}


class CachedJob:
    """A job that may find its result in the cache.

    Parameters
    ----------
    snakemake : snakemake.script.Snakemake
        What Snakemake gives to the script.
    work : Work
        What it works on; its inputs are as their sentinels say.
    say : callable
        Prints to the screen.
    """

    def __init__(self, snakemake: Any, work: Work, say: Callable[[str], None]):
        self._location = os.environ[CACHE]
        self._job, self._work, self._say = snakemake.params.job, work, say
        made = snakemake.output.get("made")
        self._outputs = [str(file) for file in snakemake.output if file != made]
        self._judges = is_sentinel(self._outputs[0])
        self._is_for_here = bool(self._job["tools"].get("only_here"))
        self._given = snakemake.input
        self._home = f"{self._job['home']}/" if "home" in self._job else ""
        self._replaces = False
        self._told = ""

    def restore(self) -> bool:
        """Put what the job is to make in its place, if it is in the cache. Whether it was."""
        if self._is_for_here or _has_given_up(_READING):
            return False
        if self._job.get("refusals"):
            self._replaces = True
            return False
        try:
            text = self._place.read(name_of_entry(self._key), LARGEST + 1)
            entry = read_entry(text, self._key, len(self._outputs))
            self._put_in_place(entry)
        except FileNotFoundError:  # not stored yet, or removed
            return False
        except Damaged as error:
            self._replaces = True
            self._warn(f"{self._location}: not used for {self._work.artifact}: {error}")
            return False
        except OSError as error:
            self._give_up(_READING, f"not used in this run: {_reason(error)}")
            return False
        for name in (name_of_entry(self._key), *(file.name for file in entry.files)):
            self._place.mark_used(name)
        log = printable_lines(entry.log.replace(_HOME, self._home))
        print(f"{FROM_CACHE}{printable(self._location)} {self._key}\n{log}", end="")
        for said in entry.screen:
            self._say(said.replace(_HOME, self._home))
        return True

    def store(self, log: str, screen: list[str]) -> None:
        """Store what the job has made, with what it has printed to its log and to the screen."""
        if self._is_for_here or _has_given_up(_READING) or _has_given_up(_STORING):
            return
        if len(log) > _MOST_LOG or sum(map(len, screen)) > _MOST_LOG or self._work.changed():
            return
        try:
            place, files = self._place, []
            for output in self._outputs:
                file = StoredFile(sha256(output), os.path.getsize(output))
                if self._replaces or place.size(file.name) != file.size:
                    place.store(file.name, output)
                files.append(file)
            said = [self._without_home(text) for text in (log.removeprefix(self._told), *screen)]
            with tempfile.NamedTemporaryFile("w", encoding="utf-8") as written:
                written.write(to_text(self._key, Entry(files, said[0], said[1:])))
                written.flush()
                place.store(name_of_entry(self._key), written.name)
        except Damaged as error:
            self._warn(f"{self._location}: {self._work.artifact} is not stored: {error}")
        except OSError as error:
            may_not = isinstance(error, PermissionError)
            self._give_up(_STORING, f"nothing more is stored in this run: {_reason(error)}", silently=may_not)

    def _put_in_place(self, entry: Entry) -> None:
        """Copy its files, and rename them all once each is what the entry says."""
        self._work.check_all()
        with ExitStack() as stack:
            for output, file in zip(self._outputs, entry.files, strict=True):
                part = stack.enter_context(atomic_write(output))
                if self._judges and file.size > _LONGEST_SENTINEL:
                    raise Damaged(f"{file.name}: is too long for a sentinel")
                self._place.fetch(file.name, part, file.size)
                if os.path.getsize(part) != file.size or sha256(part) != file.sha256:
                    raise Damaged(f"{file.name}: is not what its name says")
                if self._judges:
                    self._check_sentinel(part)
            self._work.account()  # or its inputs have changed meanwhile
            if self._judges:
                forget_page(self._job["ledgers"][self._work.artifact])

    def _check_sentinel(self, path: Path) -> None:
        """Raise Damaged if a file is not the sentinel of what is here, judged as this job would judge it."""
        artifact, account = self._work.artifact, self._work.account()
        try:
            found = parse_sentinel(artifact, path.read_bytes())
        except ChangedFileError as error:
            raise Damaged(error.text) from None
        expected = {
            "sha256": self._work.read[artifact],
            **({"xxh3": self._work.xxh3} if self._work.xxh3 else {}),
            "kind": self._job["params"]["stage"],
            "asked": account.asked,
            "read": account.read,
        }
        if (
            found.keys() != {"artifact", "format", "checks", *expected}
            or any(found[key] != value for key, value in expected.items())
            or not isinstance(found["format"], dict | None)
            or not (isinstance(found["checks"], list) and found["checks"])
            or not all(map(_is_passed, found["checks"]))
        ):
            raise Damaged(f"{sentinel_of(artifact)}: is not of this file and these gates")

    @cached_property
    def _key(self) -> str:
        parts = {
            "format": FORMAT,
            "asked": digest_of_params(self._job),
            "inputs": list(self._by_role(self._given)),
            "outputs": [self._name(output) for output in self._outputs],
            "machine": kind_of_machine(),
        }
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _by_role(self, inputs: Any) -> Iterator[list[str]]:
        """(role, name, SHA-256) of each input that is read; of a sentinel that stands for one, another."""
        for role, places in inputs.items():
            for place in () if role == _NOT_READ else places:
                path = place.removeprefix(self._work.root)
                yield [role, self._name(place), self._work.read.get(path) or sha256(place)]
                # A job that packs what it has not read yet reads its sentinel instead.
                if self._work.is_checked_later(path) and not self._judges:
                    yield [role, self._name(sentinel_of(place)), sha256(sentinel_of(place))]

    def _name(self, place: str) -> str:
        return self._without_home(place.removeprefix(self._work.root))

    def _without_home(self, text: str) -> str:
        return text.replace(self._home, _HOME) if self._home else text

    @cached_property
    def _place(self) -> Place:
        return place_of(self._location)

    def _warn(self, text: str) -> None:
        self._print(text)
        self._say(f"warning: cache {printable(text)}")

    def _print(self, text: str) -> None:
        """Print to the log what is not to be repeated elsewhere."""
        text = f"cache {printable(text)}\n"
        self._told += text
        print(text, end="")

    def _give_up(self, what: str, text: str, silently: bool = False) -> None:
        """Do something with the cache no more in this run, and say so once."""
        text = f"{self._location}: {text}"
        if _note(what) and not silently:
            self._warn(text)
        else:
            self._print(text)


def _is_passed(check: Any) -> bool:
    """Whether something is a check of a sentinel, as gates write it."""
    return (
        isinstance(check, dict)
        and check.keys() - _MORE_OF_A_CHECK == _OF_A_CHECK
        and all(isinstance(check[key], str) for key in _OF_A_CHECK - {"measured"})
        and check["status"] in _PASSES
    )


def _reason(error: OSError) -> str:
    what = error.strerror or str(error)
    return f"{error.filename}: {what}" if isinstance(error.filename, str) else what


def _has_given_up(what: str) -> bool:
    return _noted(what).exists()


def _note(what: str) -> bool:
    """Note that this run does something no more. Whether no other job has noted it before."""
    note = _noted(what)
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        for old in set(note.parent.glob(f"cache-{what}-*")) - {note}:
            old.unlink(missing_ok=True)
        try:
            note.touch(exist_ok=False)
        except FileExistsError:
            return False
    return True


def _noted(what: str) -> Path:
    return _NOTES / f"cache-{what}-{os.environ.get(RUN, '')}"
