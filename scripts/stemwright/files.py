"""Files written whole or not at all, and their digests."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Give a name beside `path` to write to; on leaving without error it takes the final name.

    The data reach the disk before the name does, so a crash leaves either nothing or the whole file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # One name, so that what a killed process left is written over by the next.
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(part, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def write_json(path: str | os.PathLike, data: object) -> None:
    with whole_file(path) as part:
        part.write_text(json_text(data), encoding="utf-8")


def json_text(data: object) -> str:
    """JSON as we write it: indented, keys in the given order, no NaN or infinity (ValueError)."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_json(path: str | os.PathLike):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def sha256(path: str | os.PathLike) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
