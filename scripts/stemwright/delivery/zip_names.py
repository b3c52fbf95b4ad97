"""Names of members in a zip archive: which are safe to unpack on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stemwright.validation.names import find_control, fold, is_device

_NOT_ON_WINDOWS = frozenset('<>:"|?*')


class Finding(NamedTuple):
    """Something wrong with an archive: the name of the rule it breaks (crc, gap, name, …), and a message."""

    rule: str
    text: str


def name_findings(names: Sequence[str]) -> Iterator[Finding]:
    """Everything that is wrong with the names of an archive's members.

    Rules: `name` (it would unpack under another name, or outside of the target folder), `duplicate` (two names are the
    same on a file system that ignores case or Unicode composition, or a file's name is also that of a folder).
    """
    seen: dict[str, str] = {}
    for name in names:
        if fault := _name_fault(name):
            yield Finding("name", f"{quote(name)} {fault}")
            continue
        if (same := fold(name)) in seen:
            yield Finding(
                "duplicate", f"{quote(name)} and {quote(seen[same])} are the same name on many file systems"
            )
        seen.setdefault(same, name)
    for same, name in seen.items():
        parts = same.split("/")
        if any("/".join(parts[:n]) in seen for n in range(1, len(parts))):
            yield Finding("duplicate", f"{quote(name)} is in a folder with the name of another file")


def quote(name: str) -> str:
    """A name in quotes, with control characters escaped, shortened to 80 characters."""
    return repr(name if len(name) <= 80 else name[:79] + "…")


def _name_fault(name: str) -> str | None:
    """Why a name cannot be unpacked safely everywhere, None if it can."""
    parts = name.split("/")
    if find_control(name):
        return "has a control character"
    if "\\" in name:
        return "has a backslash"
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        return "is absolute"
    if ".." in parts or "." in parts:
        return "has a part that is . or .."
    if "" in parts:
        return "is empty" if not name else "has an empty part"
    if len(name.encode()) > 255:
        return "is longer than 255 bytes"
    is_bent = any(part.endswith((" ", ".")) or is_device(part) for part in parts)  # by Windows
    slashes = set(unicodedata.normalize("NFKC", name.replace("/", ""))) & set("/\\")
    if is_bent or slashes or set(name) & _NOT_ON_WINDOWS:
        return "is no safe name for a file on every system"
    return None
