"""How to notice that a file was replaced or written, without reading it."""

from __future__ import annotations

import os


def file_state(path: str) -> tuple[int, ...] | None:
    """Device, inode, size in bytes, and the times of the last write and status change in nanoseconds.

    None if there is no such file.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
