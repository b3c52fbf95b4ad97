"""The record of what a job produced: `FILE.made`, with the SHA-256 of each of its files.

A modification time says when a file was written, but not by what. So a job records the digests of its files, and
later they are compared with that record: a file that was edited or damaged since is refused. The format is that of
`sha256sum`, so `sha256sum -c FILE.made` checks it too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from stemwright.base.errors import ChangedFileError
from stemwright.base.files import atomic_write, sha256
from stemwright.records.paths import produced_of

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def write_produced(path: str | os.PathLike, files: Iterable[str]) -> None:
    """Write the record `path` of the files that a job has produced, atomically."""
    with atomic_write(path) as part:
        part.write_text("".join(f"{sha256(file)}  {file}\n" for file in files), encoding="utf-8")


def read_produced(artifact: str) -> dict[str, str]:
    """The digests that the job of an artifact recorded, by path. Raises ChangedFileError if they cannot be read."""
    path = produced_of(artifact)
    try:
        lines = [_LINE.fullmatch(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        raise ChangedFileError(artifact, f"{path}: is missing: it records what the job produced") from None
    except UnicodeDecodeError:
        lines = [None]
    digests = {line[2]: line[1] for line in lines if line}
    if artifact not in digests or len(digests) != len(lines):
        raise ChangedFileError(artifact, f"{path}: is damaged: it does not list what the job produced")
    return digests


def describe_change(digests: Mapping[str, str], known: Mapping[str, str] | None = None) -> str:
    """Compare files with their recorded digests: a message about the first that differs, or "".

    `digests` are the recorded ones, by path; `known` are current digests that were computed before.
    """
    for path, digest in digests.items():
        found = (known or {}).get(path) or (
            sha256(path) if os.path.isfile(path) else "none, it is not a file"
        )
        if found != digest:
            return f"{path}: is not what the job made: sha256 {found}, expected {digest}"
    return ""
