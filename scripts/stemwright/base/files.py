"""Files written whole or not at all, and their digests."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from stemwright.base.errors import StemwrightError


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Give a name beside `path` to write to; on leaving without error it takes the final name.

    The data reach the disk before the name does, so a crash leaves either nothing or the whole file.
    Raises OSError, naming `path`, if it cannot be written, a full disk that a library did not speak of too.
    """
    path = Path(path)
    with naming_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a killed process left. One that still runs, its Snakemake gone, can no longer finish.
        for left in path.parent.glob(f".{escape(path.name)}.*.part"):
            left.unlink(missing_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            try:
                yield part
            except Exception as error:
                if not isinstance(error, (OSError, StemwrightError)):
                    _write_more(part)
                raise
            descriptor = os.open(part, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            _rename(part, path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def naming_errors(path: str | os.PathLike) -> Iterator[None]:
    """Let an OSError from within name the file, as one from writing does not by itself."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or os.fspath(path)
        raise


def _rename(part: Path, path: Path) -> None:
    try:
        os.replace(part, path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _write_more(part: Path) -> None:
    """Raise the OSError for which a library that does not say why could not write (libsndfile: "System error")."""
    with open(part, "ab") as file:
        file.write(bytes(1 << 16))


def write_json(path: str | os.PathLike, data: object) -> None:
    with atomic_write(path) as part:
        part.write_text(json_text(data), encoding="utf-8")


def json_text(data: object) -> str:
    """JSON as we write it: indented, keys in the given order, no NaN or infinity (ValueError)."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: str | os.PathLike):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def sha256(path: str | os.PathLike) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
