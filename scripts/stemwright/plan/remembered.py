"""What was worked out in earlier runs, and need not be again while all that it depends on is as it was.

To load a song takes longer than all else that a run does which finds nothing to do, and what comes of it is plain data.
So it is kept, a file for each song, in `.snakemake/stemwright/remembered`. What is there is used only if everything
that it came from is the same: what the caller gives, our code, Python and its libraries, and all that was looked at
meanwhile (`stemwright.base.looked`). Mistakes are not kept: they are found again. The fingerprints of jobs are kept
too, for songs that changed: they depend on nothing but our code and the libraries.

A file that is damaged, or was written by another version, counts as none, and one that cannot be written is not
missed. It is JSON, since what reads it must not run anything, and is sealed against damage.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from stemwright.base.kept import keep, read_kept
from stemwright.base.looked import is_as_it_was, recorded
from stemwright.plan import fingerprint

_FOLDER = Path(".snakemake/stemwright/remembered")
_FINGERPRINTS = Path(".snakemake/stemwright/fingerprints.json")
_PACKAGE = Path(__file__).resolve().parents[1]
_IMPORTED_NS = time.time_ns()
_EARLIER_NS = 10_000_000_000
"""How long before this module, in ns, other modules of ours may have been imported: then they were as they are now."""


def remembered(
    name: str,
    given: Sequence[Any],
    prepare: Callable[[], Callable[[Mapping[str, Callable]], list[str]]],
    questions: Mapping[str, Callable] | None = None,
    ignored: Sequence[str] = (),
) -> list[bytes]:
    """Lines of text, each of JSON, as they were made in an earlier run, or made now.

    Parameters
    ----------
    name : str
        What they are of, such as `song night-bus`. Of each name, the last ones made are kept.
    given : sequence
        All that they depend on besides our code, Python, its libraries, and what is looked at while they are made.
    prepare : callable
        Gives the function that makes them, which takes the `questions`. It is called only if it is needed: what it
        imports is known by our code and the libraries.
    questions : mapping of str to callable, optional
        What they depend on and is asked while they are made. Arguments and answers are plain data.
    ignored : sequence of str
        Folders that do not matter, whatever is looked at there.

    Returns
    -------
    list of bytes
        The lines, without line ends.
    """
    key = _digest("\0".join([_world(), name, *map(repr, given)]))
    path = _FOLDER / f"{_digest(name)}.json"
    found = _read(path, key, questions or {})
    if found is not None:
        return found
    make = prepare()
    with _fingerprints_kept(), recorded([str(_PACKAGE), str(_scripts()), *ignored]) as recording:
        asked = {kind: recording.ask(kind, question) for kind, question in (questions or {}).items()}
        made = make(asked)
    lines = [line.encode("ascii") for line in made]
    if recording.is_settled() and _is_code_settled():
        keep(path, [json.dumps([key, recording.states, recording.facts]).encode(), *lines])
    return lines


def _read(path: Path, key: str, questions: Mapping[str, Callable]) -> list[bytes] | None:
    """What is kept in a file, if it is of this key, and nothing of what it came from has changed; or None."""
    try:
        head, *lines = read_kept(path)
        kept_key, states, facts = json.loads(head)
        return lines if kept_key == key and is_as_it_was(states, facts, questions) else None
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
        ImportError,
    ):  # it was not written here
        return None


@contextmanager
def _fingerprints_kept() -> Iterator[None]:
    """Have the fingerprints of jobs from earlier runs, and keep those that are worked out inside."""
    known = fingerprint.known
    if not known and (found := _read(_FINGERPRINTS, _world(), {})):
        known.update(map(json.loads, found))
    before = len(known)
    yield
    if len(known) > before and _is_code_settled():
        lines = [json.dumps(each).encode("ascii") for each in known.items()]
        keep(_FINGERPRINTS, [json.dumps([_world(), {}, []]).encode(), *lines])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


@cache
def _world() -> str:
    """A digest of all that plans depend on and that does not change while a process runs."""
    return _digest(json.dumps([_code()[0], _surroundings()]))


def _scripts() -> Path:
    """The folder of the scripts of rules."""
    return fingerprint.script("verify_artifact").parent


def _is_code_settled() -> bool:
    """Whether our code is what this process has imported, as it was not written just now."""
    return _code()[1] < _IMPORTED_NS - _EARLIER_NS


@cache
def _code() -> tuple[list, int]:
    """Each file of our code with what tells that it was written, and when the last one was, in ns since 1970."""
    files = [*_files(str(_PACKAGE)), *(entry for entry in os.scandir(_scripts()) if entry.is_file())]
    states = sorted(
        (entry.path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        for entry in files
        for status in [entry.stat()]
    )
    return states, max(max(state[-2:]) for state in states)


def _files(folder: str) -> Iterator[os.DirEntry]:
    for entry in os.scandir(folder):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        else:
            yield entry


@cache
def _surroundings() -> list:
    """Python, the libraries that are installed for it, whose names have their versions, and the user."""
    installed = {
        folder: sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
        for folder in map(os.path.abspath, sys.path)
        if os.path.isdir(folder)
    }
    return [sys.version, sorted(filter(None, installed.values())), os.geteuid(), os.path.expanduser("~")]
