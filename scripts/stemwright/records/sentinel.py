"""The sentinel `FILE.ok`: proof that the file with this SHA-256 passed its gates.

It has a seal, the digest of its own content, so that an edit of the sentinel is noticed too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from stemwright.base.errors import ChangedFileError
from stemwright.base.files import json_text, write_json
from stemwright.records.paths import produced_of, sentinel_of
from stemwright.records.produced import describe_change, read_produced


def write_sentinel(artifact: str, record: Mapping) -> None:
    """Write the sentinel of an artifact that passed."""
    write_json(sentinel_of(artifact), {**record, "seal": _seal(record)})


def read_sentinel(artifact: str) -> dict:
    """The record in the sentinel of an artifact, without the seal.

    Raises ChangedFileError if the sentinel is damaged or belongs to another artifact.
    """
    path = sentinel_of(artifact)
    try:
        record = json.loads(Path(path).read_bytes())
        sound = record.pop("seal") == _seal(record)
        owner = record["artifact"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound, owner = False, artifact
    if owner != artifact:
        raise ChangedFileError(artifact, f"{path}: is the sentinel of {owner!r:.200}")
    if not sound:
        raise ChangedFileError(artifact, f"{path}: is damaged: its content is not what verification wrote")
    return record


def awaits_verification(artifact: str) -> bool:
    """Whether an artifact was made again since its sentinel was written, and is unchanged since."""
    try:
        passed, made = read_sentinel(artifact), read_produced(artifact)
    except ChangedFileError:
        return False
    is_later = os.path.getmtime(produced_of(artifact)) > os.path.getmtime(sentinel_of(artifact))
    return is_later and passed["sha256"] != made[artifact] and not describe_change(made)


def verify_unchanged(artifact: str) -> None:
    """Compare an artifact that passed with its records. Raises ChangedFileError if its bytes or its records differ."""
    passed, made = read_sentinel(artifact), read_produced(artifact)
    if fault := describe_change(made):
        raise ChangedFileError(artifact, fault)
    if passed["sha256"] != made[artifact]:
        raise ChangedFileError(
            artifact, f"{artifact}: is not the file that passed: the sha256 in its sentinel differs"
        )


def _seal(record: Mapping) -> str:
    return hashlib.sha256(json_text(record).encode()).hexdigest()
