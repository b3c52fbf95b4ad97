"""Whose a file is, for errors about missing permissions."""

from __future__ import annotations

import os
import pwd
from pathlib import Path


def describe_denied(path: str | os.PathLike) -> str:
    """A message about a file that may not be read or written: whose it is, who asks, and how to share the folder."""
    place = next((each for each in (Path(path), *Path(path).parents) if _owner(each) is not None), Path())
    owner, user = _owner(place), os.geteuid()
    if owner is None or owner == user:
        remedy = f": chmod u+rw {path}" if os.path.exists(path) else ""
        return f"{path}: Permission denied{remedy}"
    here, what = _name(user), "it" if place == Path(path) else place
    return (
        f"{path}: Permission denied: {what} belongs to {_name(owner)}, and you are {here}. Somebody else has built "
        f"here, or you have, as {_name(owner)}. To have it all: sudo chown -R {here} . To share it: "
        "sudo chgrp -R GROUP . && sudo chmod -R g+rwX . && sudo find . -type d -exec chmod g+s {} + and let all set "
        "umask 002."
    )


def _owner(path: Path) -> int | None:
    try:
        return os.stat(path).st_uid
    except OSError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
