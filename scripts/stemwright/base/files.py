"""Files written atomically, and how to notice that one was replaced."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.hashing import Digests, begun, digests_of, sha256

_JSON = json.JSONEncoder(indent=1, ensure_ascii=False, allow_nan=False)
_PUNCH_HOLE = 0x01 | 0x02  # FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE of linux/falloc.h
_guard: list[Callable[[], None]] = []
_known: dict[Path, Digests] = {}  # of files that have no name yet
_written: dict[str, tuple[tuple[int, ...], Digests]] = {}  # what identifies each file, and its digests


def check_writing() -> None:
    """Raise what the guard raises if this process may not write (any more). Without a guard, it may."""
    for check in _guard:
        check()


def guard_writing(check: Callable[[], None]) -> None:
    """Set the guard: it is asked before a file gets its final name."""
    _guard[:] = [check]


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside `path`; without an error, it is renamed to `path` on exit.

    The data are flushed to disk before the rename, so that a crash leaves either no file or the complete one. They are
    hashed meanwhile, see `digests_of_written`. Raises OSError, naming `path`, if it cannot be written; also if the disk
    is full and the library that writes reported only another exception. What `check_writing` raises is raised before
    the rename.
    """
    path = Path(path)
    with naming_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Remove what killed processes left. One that still runs after its Snakemake died can no longer finish.
        for left in path.parent.glob(f".{escape(path.name)}.*.part"):
            left.unlink(missing_ok=True)
        part = path.with_name(
            f".{path.name}.{uuid.uuid4().hex[:12]}.part"
        )  # as other hosts have the same pids
        try:
            try:
                yield part
            except Exception as error:
                if not isinstance(error, (OSError, StemwrightError)):
                    _raise_write_error(part)
                raise
            digests = _flush_and_hash(part, _known.pop(part, None))
            check_writing()
            _rename(part, path)
            _written[os.fspath(path)] = _identity(path), digests
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def naming_errors(path: str | os.PathLike) -> Iterator[None]:
    """Set the file name of an OSError raised inside, where it has none (errors from `write` have none)."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or os.fspath(path)
        raise


def digests_of_written(path: str | os.PathLike) -> Digests:
    """The digests of a file as this process has written it by `atomic_write`; of any other, the SHA-256 that it has."""
    written = _written.get(os.fspath(path))
    return written[1] if written and written[0] == _identity(path) else Digests(sha256(path))


def _identity(path: str | os.PathLike) -> tuple[int, ...]:
    """What differs once another file has the name, or this one was written again."""
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def know_digests(part: Path, digests: Digests) -> None:
    """Say the digests of a file that `atomic_write` has yielded: they are not worked out again."""
    _known[part] = digests


def _flush_and_hash(path: Path, digests: Digests | None) -> Digests:
    """Flush a file to disk. Returns its digests, which are worked out while the disk is busy, unless they are given."""
    faults: list[OSError] = []
    with open(path, "rb", buffering=0) as file:

        def flush() -> None:
            try:
                os.fsync(file.fileno())
            except OSError as error:
                faults.append(error)

        flushing = begun(flush)
        try:
            digests = digests or digests_of(file)
        finally:
            if flushing:
                flushing.join()
    if faults:
        raise faults[0]
    return digests


def _rename(part: Path, path: Path) -> None:
    try:
        os.replace(part, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _raise_write_error(part: Path) -> None:
    """Append 64 KB, to raise the OSError behind a library's vague error (libsndfile: "System error")."""
    with open(part, "ab") as file:
        file.write(bytes(1 << 16))


def make_holes(path: str | os.PathLike, zeros: Iterable[tuple[int, int]]) -> None:
    """Give back the room of bytes that are zero. They still read as zeros; other file systems keep them as they are.

    Parameters
    ----------
    path : path-like
        The file.
    zeros : iterable of (int, int)
        Offset and number of each run of zeros, in bytes.
    """
    fallocate = getattr(ctypes.CDLL(None), "fallocate64", None) if sys.platform == "linux" else None
    if fallocate is None:
        return
    with open(path, "r+b") as file:
        for offset, length in zeros:
            fallocate(file.fileno(), _PUNCH_HOLE, ctypes.c_int64(offset), ctypes.c_int64(length))


def write_json(path: str | os.PathLike, data: object) -> None:
    """Write `data` atomically as `json_text` formats it, piece by piece: the text may be longer than memory allows."""
    with atomic_write(path) as part, open(part, "w", encoding="utf-8") as file:
        file.writelines(_JSON.iterencode(data))
        file.write("\n")


def json_text(data: object) -> str:
    """JSON indented by 1, with keys in the given order. Raises ValueError for NaN and infinity."""
    return _JSON.encode(data) + "\n"


def read_json(path: str | os.PathLike) -> Any:
    """The data of a JSON file. Raises ValueError if it is not valid JSON."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def file_state(path: str | os.PathLike) -> tuple[int, ...] | None:
    """How to notice that a file was replaced or written, without reading it.

    Device, inode, size in bytes, and the times of the last write and status change in nanoseconds. None if there is no
    such file.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
