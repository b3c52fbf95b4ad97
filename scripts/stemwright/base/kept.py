"""Lines that are kept in a file for later runs, where it does not matter if they are lost.

They are sealed against damage. They are not flushed to disk: the seal tells what a power cut has left. A file that
cannot be read counts as none, and one that cannot be written is not missed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def read_kept(path: Path) -> list[bytes]:
    """The lines of a file, as `keep` wrote them; none if it is not so."""
    try:
        seal, *lines = path.read_bytes().split(b"\n")
    except OSError:
        return []
    return lines if seal == _seal(lines) else []


def keep(path: Path, lines: Sequence[bytes]) -> None:
    """Write lines, each without a line end, to a file; at once, so that another run reads either these or others."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(b"\n".join([_seal(lines), *lines]))
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def _seal(lines: Sequence[bytes]) -> bytes:
    return hashlib.sha256(b"\n".join(lines)).hexdigest().encode()
