"""Entries of a cache: which files a job made, and what it said. They are read as what anyone may have written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stemwright.workflow.cache.places import Damaged

FORMAT = 1
LARGEST = 1 << 20
"""The most bytes of an entry."""
_KEYS = {"format", "key", "files", "log", "screen"}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 1 << 40  # of a file


@dataclass(frozen=True)
class StoredFile:
    """A file that a job made: its SHA-256, and its size in bytes."""

    sha256: str
    size: int

    @property
    def name(self) -> str:
        """Its name in the cache."""
        return f"sha256/{self.sha256[:2]}/{self.sha256[2:]}"


@dataclass(frozen=True)
class Entry:
    """What a job has made and said.

    Attributes
    ----------
    files : sequence of StoredFile
        Its files, in the order of its outputs: an entry names no path.
    log, screen : str, sequence of str
        What it printed to its log, and to the screen.
    """

    files: Sequence[StoredFile]
    log: str
    screen: Sequence[str]


def name_of_entry(key: str) -> str:
    """The name, in the cache, of the entry with a key."""
    return f"entries/{key[:2]}/{key[2:]}.json"


def to_text(key: str, entry: Entry) -> str:
    """An entry as JSON. Its seal, the digest of all else in it, shows damage; whoever forges one can seal it, too."""
    found = {"format": FORMAT, "key": key, **asdict(entry)}
    return json.dumps({**found, "seal": _seal(found)}, indent=1) + "\n"


def read_entry(text: bytes, key: str, outputs: int) -> Entry:
    """Read an entry.

    Parameters
    ----------
    text : bytes
        The JSON.
    key : str
        The key that was asked for.
    outputs : int
        How many files the job makes.

    Returns
    -------
    Entry

    Raises
    ------
    Damaged
        If it is anything else than an entry for that job.
    """
    name = name_of_entry(key)
    if len(text) > LARGEST:
        raise Damaged(f"{name}: is longer than {LARGEST:,} bytes")
    try:
        found = json.loads(text)
        is_sealed = isinstance(found, dict) and found.pop("seal", "") == _seal(found)
    except (ValueError, RecursionError):
        raise Damaged(f"{name}: is no JSON") from None
    if not is_sealed or set(found) != _KEYS:
        raise Damaged(f"{name}: is no entry as we write them")
    if found["format"] != FORMAT or found["key"] != key:
        raise Damaged(f"{name}: is the entry of another job, or of another version")
    files, log, screen = found["files"], found["log"], found["screen"]
    if not (isinstance(files, list) and len(files) == outputs and all(map(_is_file, files))):
        raise Damaged(f"{name}: does not say which {outputs} files the job made")
    if not (
        isinstance(log, str) and isinstance(screen, list) and all(isinstance(said, str) for said in screen)
    ):
        raise Damaged(f"{name}: does not say what the job printed")
    return Entry([StoredFile(each["sha256"], each["size"]) for each in files], log, screen)


def _seal(found: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _is_file(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == {"sha256", "size"}
        and isinstance(found["sha256"], str)
        and _DIGEST.fullmatch(found["sha256"]) is not None
        and type(found["size"]) is int
        and 0 <= found["size"] <= _MOST_BYTES
    )
