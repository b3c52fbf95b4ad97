"""Digests of files: at once, or worked out by a thread while the process does something else.

SHA-256 is on every record. Beside it there is XXH3 (128 bits) of each file that a job has written: it costs a tenth of
the time, and tells the jobs that read the file whether it is damaged, or another one. It is no defence against somebody
who makes another file of the same XXH3 on purpose: `audit` and whoever receives a zip go by SHA-256.

A thread is enough, as reading and hashing do not need the interpreter lock. A fork costs as much as hashing 20 MB. No
process is to be forked while the thread is at work.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from io import FileIO
from queue import SimpleQueue
from typing import Any, NamedTuple

_BUFFER = 4 << 20
"""Bytes read at a time by a thread: the interpreter lock is needed twice for each, however busy the process is."""
_ALONE = 256 << 10
"""Bytes read at a time where nothing else goes on: they stay in the cache of a core until they are hashed."""


def sha256(path: str | os.PathLike) -> str:
    """The SHA-256 digest of a file's bytes, as 64 hexadecimal digits."""
    with open(path, "rb", buffering=0) as file:
        return digests_of(file, both=False).sha256


class Digests(NamedTuple):
    """The SHA-256 of a file, and its XXH3, or ""."""

    sha256: str
    xxh3: str = ""


def digests_of(file: FileIO, both: bool = True) -> Digests:
    """The digests of the rest of an open file: both, or without XXH3."""
    found = [hashlib.sha256(), *([_xxh3()] if both else [])]
    _feed(found, file, memoryview(bytearray(_ALONE)))
    return Digests(*(digest.hexdigest() for digest in found))


def _xxh3() -> Any:
    # By name: how damage is noticed is no reason to make anything again.
    return import_module("xxhash").xxh3_128()


def _feed(digests: Sequence[Any], file: FileIO, buffer: memoryview, most: int = sys.maxsize) -> int:
    """Feed digests with what follows in an open file, or so many bytes at most. Returns how many there were."""
    left = most
    while count := file.readinto(buffer if left > len(buffer) else buffer[:left]):
        for digest in digests:
            digest.update(buffer[:count])
        left -= count
    return most - left


def begun(work: Callable[[], None]) -> threading.Thread | None:
    """A thread that works. Where the system allows no more threads, the work is done here and now: then None."""
    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        work()
        return None
    return thread


class Hashing:
    """The SHA-256 of files, on which a thread works once `start` is called. Without it, all is done at the end.

    Parameters
    ----------
    paths : iterable of path-like
        The files.
    expected : mapping of path-like to Digests, optional
        What is on record of some of them. A file whose XXH3 is on record has the SHA-256 that is.
    """

    def __init__(
        self, paths: Iterable[str | os.PathLike], expected: Mapping[str | os.PathLike, Digests] | None = None
    ):
        self._paths, self._expected = list(paths), expected or {}
        self._digests: dict[str | os.PathLike, str] = {}
        self._error: Exception | None = None
        self._is_begun = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it was started."""
        if self._paths and not self._is_begun:
            self._is_begun = True
            self._thread = begun(self._work)

    def result(self) -> dict[str | os.PathLike, str]:
        """The digests by path, once all are known. Raises OSError if a file cannot be read, or MemoryError."""
        self.start()
        if self._thread:
            self._thread.join()
        if self._error:
            raise self._error
        return self._digests

    def _work(self) -> None:
        try:
            buffer = memoryview(bytearray(_BUFFER))
            for path in self._paths:
                expected = self._expected.get(path)
                if expected and expected.xxh3:
                    found = self._digest(path, _xxh3(), buffer)
                    if found == expected.xxh3:
                        self._digests[path] = expected.sha256
                        continue
                self._digests[path] = self._digest(path, hashlib.sha256(), buffer)
        except Exception as error:
            self._error = error

    @staticmethod
    def _digest(path: str | os.PathLike, digest: Any, buffer: memoryview) -> str:
        with open(path, "rb", buffering=0) as file:
            _feed([digest], file, buffer)
        return digest.hexdigest()


class TrailingHash:
    """The digests of a file while it is written: of its first part, once it is said that this will not change.

    Parameters
    ----------
    path : path-like
        The file, which is there.
    """

    def __init__(self, path: str | os.PathLike):
        self._digests = hashlib.sha256(), _xxh3()
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 (closed at its exit)
        self._ends: SimpleQueue[int | None] = SimpleQueue()
        self._at = 0
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> TrailingHash:
        thread = threading.Thread(target=self._work, daemon=True)
        with suppress(RuntimeError):  # the system allows no more threads: all is done at the end
            thread.start()
            self._thread = thread
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()
        self._file.close()

    def is_written_to(self, end: int) -> None:
        """All bytes before `end` are in the file, and are not written again."""
        self._ends.put(end)

    def result(self) -> Digests:
        """The digests of all bytes that were said to be written. Raises OSError if they cannot be read."""
        self._finish()
        if self._error:
            raise self._error
        return Digests(*(digest.hexdigest() for digest in self._digests))

    def _finish(self) -> None:
        self._ends.put(None)
        if self._thread:
            self._thread.join()
        else:
            self._work()

    def _work(self) -> None:
        try:
            while (end := self._ends.get()) is not None:
                self._hash(end)
        except Exception as error:
            self._error = error

    def _hash(self, end: int) -> None:
        buffer = memoryview(bytearray(min(_BUFFER, end - self._at)))
        self._at += _feed(self._digests, self._file, buffer, end - self._at)
