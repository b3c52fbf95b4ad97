"""What a job made: the sha256 of each of its files, in `FILE.made` beside the first, for `sha256sum -c` to read.

A date tells that a file is new, not who wrote it. So a job says what it wrote, and what is found later is held
against that: a file that a hand or a disk has changed is refused, however good it looks.
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
    """Write the record of files that a job has just made."""
    with atomic_write(path) as part:
        part.write_text("".join(f"{sha256(file)}  {file}\n" for file in files), encoding="utf-8")


def read_produced(artifact: str) -> dict[str, str]:
    """sha256 by path, of the artifact and what was made with it. Raises ChangedFileError if it cannot be told."""
    path = produced_of(artifact)
    try:
        lines = [_LINE.fullmatch(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        raise ChangedFileError(artifact, f"{path}: is missing: it would tell what the job made") from None
    except UnicodeDecodeError:
        lines = [None]
    digests = {line[2]: line[1] for line in lines if line}
    if artifact not in digests or len(digests) != len(lines):
        raise ChangedFileError(artifact, f"{path}: is damaged: it does not tell what the job made")
    return digests


def changed(digests: Mapping[str, str], known: Mapping[str, str] | None = None) -> str:
    """The first file that is not as it was made, in words; nothing if all are. `known` are digests taken already."""
    for path, digest in digests.items():
        found = (known or {}).get(path) or (sha256(path) if os.path.isfile(path) else "none, it is no file")
        if found != digest:
            return f"{path}: is not what the job made: sha256 {found}, expected {digest}"
    return ""
