"""What stands where a file is to be made and is none: a folder, a FIFO, a link to nothing.

Snakemake would build on the one, wait for the other for ever, and stumble over the third.
"""

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
    """What is in the way of a file, in words; nothing if it is a file, or missing."""
    found = ""
    try:
        kind = _KINDS.get(stat.S_IFMT(os.stat(path).st_mode))
        found = f"{path}: is {kind} where a file is made" if kind else ""
    except NotADirectoryError:
        folder = next(folder for folder in Path(path).parents if folder.exists())
        found = f"{folder}: is a file where a folder is needed"
    except OSError:
        link = next((place for place in (Path(path), *Path(path).parents) if place.is_symlink()), None)
        found = f"{link}: is a link to nothing" if link and not os.path.exists(link) else ""
    return f"{found}: delete it and run snakemake again" if found else ""
