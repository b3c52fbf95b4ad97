"""The templates and assets of a page, as files: what its job depends on besides its code."""

from __future__ import annotations

import functools
import hashlib
import re
from importlib.resources import files

_NAMED = re.compile(r'"([\w-]+\.(html|css|js))"')
_FOLDERS = {"html": "templates", "css": "assets", "js": "assets"}


def read(folder: str, name: str) -> str:
    """The text of a file of `templates` or `assets`."""
    return (files("stemwright.pages") / folder / name).read_text(encoding="utf-8")


@functools.cache
def digest_of_template(template: str) -> str:
    """A digest of a template and of all files of ours that it, or one of them, names in double quotes."""
    found: dict[str, str] = {}
    todo = [("templates", template)]
    while todo:
        folder, name = todo.pop()
        place = f"{folder}/{name}"
        if place in found or not (files("stemwright.pages") / folder / name).is_file():
            continue
        found[place] = read(folder, name)
        if folder == "templates":
            todo += [(_FOLDERS[ending], other) for other, ending in _NAMED.findall(found[place])]
    digests = (hashlib.sha256(found[place].encode()).hexdigest() for place in sorted(found))
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]
