"""The sentinel `FILE.ok`: that very file passed its gates. Sealed, so that a changed digit in it is noticed too."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from stemwright.base.errors import ChangedFileError
from stemwright.base.files import json_text, write_json
from stemwright.records.paths import produced_of, sentinel_of
from stemwright.records.produced import changed, read_produced


def write_sentinel(artifact: str, record: Mapping) -> None:
    """Write the sentinel of an artifact that passed."""
    write_json(sentinel_of(artifact), {**record, "seal": _seal(record)})


def read_sentinel(artifact: str) -> dict:
    """The record in an artifact's sentinel, without its seal.

    Raises ChangedFileError if it is damaged, or speaks of another file than the one it is beside.
    """
    path = sentinel_of(artifact)
    try:
        record = json.loads(Path(path).read_bytes())
        sound = record.pop("seal") == _seal(record)
        about = record["artifact"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound, about = False, artifact
    if about != artifact:
        raise ChangedFileError(artifact, f"{path}: is the sentinel of {about!r:.200}")
    if not sound:
        raise ChangedFileError(artifact, f"{path}: is damaged: it is not what verification wrote")
    return record


def is_newer(artifact: str) -> bool:
    """Whether an artifact is as it was made, but made anew since it was verified: its sentinel speaks of another."""
    try:
        passed, made = read_sentinel(artifact), read_produced(artifact)
    except ChangedFileError:
        return False
    is_later = os.path.getmtime(produced_of(artifact)) > os.path.getmtime(sentinel_of(artifact))
    return is_later and passed["sha256"] != made[artifact] and not changed(made)


def verify_unchanged(artifact: str) -> None:
    """Hold an artifact that passed against its records, byte for byte. Raises ChangedFileError if they disagree."""
    passed, made = read_sentinel(artifact), read_produced(artifact)
    if fault := changed(made):
        raise ChangedFileError(artifact, fault)
    if passed["sha256"] != made[artifact]:
        raise ChangedFileError(
            artifact, f"{artifact}: is not the file that passed: its sentinel has another sha256"
        )


def _seal(record: Mapping) -> str:
    return hashlib.sha256(json_text(record).encode()).hexdigest()
