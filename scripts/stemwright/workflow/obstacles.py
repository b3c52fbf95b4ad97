"""Obstacles: a folder, a FIFO or a broken link at the path of a file that is to be made, or a file that cannot be read.

Snakemake would use the folder as the file, wait for the FIFO forever, fail on the link with an unclear message, and
take the unreadable file for one that is protected from being written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from stemwright.base.ownership import describe_denied

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def obstacles(paths: Iterable[str]) -> Iterator[str]:
    """A message about each obstacle, see `describe_obstacle`. A folder is listed once, whatever is to be made in it."""
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(os.path.dirname(path), []).append(path)
    for folder, inside in by_folder.items():
        yield from filter(None, map(describe_obstacle, _suspects(folder, inside)))


def _suspects(folder: str, paths: list[str]) -> list[str]:
    """Those of the paths in a folder at which there may be an obstacle. Where there is no such folder, one for all."""
    try:
        with os.scandir(folder or ".") as entries:
            there = {entry.name: entry for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return paths[:1]
    except OSError:
        return paths
    found = ((path, there.get(os.path.basename(path))) for path in paths)
    return [
        path
        for path, entry in found
        if entry and not (entry.is_file(follow_symlinks=False) and os.access(path, os.R_OK))
    ]


def describe_obstacle(path: str) -> str:
    """A message about what is at the path of a file and is not a file, with the remedy; "" if nothing is."""
    found = ""
    try:
        kind = _KINDS.get(stat.S_IFMT(os.stat(path).st_mode))
        if not kind and not os.access(path, os.R_OK):
            return describe_denied(path)
        found = f"{path}: is {kind}, but a file is to be made there" if kind else ""
    except NotADirectoryError:
        folder = next(folder for folder in Path(path).parents if folder.exists())
        found = f"{folder}: is a file, but a folder is needed there"
    except OSError:
        link = next((place for place in (Path(path), *Path(path).parents) if place.is_symlink()), None)
        found = f"{link}: is a broken link" if link and not os.path.exists(link) else ""
    return f"{found}: delete it and run snakemake again" if found else ""
