"""What stands where a file is to be made and cannot be one: a folder, a FIFO. Snakemake would wait for it, or build on it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def obstacle(path: str) -> str:
    """What is in the way of a file, in words; nothing if it is a file, or missing: what a dangling link names is."""
    try:
        kind = _KINDS.get(stat.S_IFMT(os.stat(path).st_mode))
    except NotADirectoryError:
        path = next(str(folder) for folder in Path(path).parents if folder.exists())
        return f"{path}: is a file where a folder is needed: delete it and run snakemake again"
    except OSError:
        return ""
    return f"{path}: is {kind} where a file is made: delete it and run snakemake again" if kind else ""
