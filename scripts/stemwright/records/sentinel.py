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

_BEFORE_SEAL = b',\n "seal": "'
"""What is in the text of a sentinel between the record and its seal, see `json_text`."""


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


def has_sound_sentinel(artifact: str) -> bool:
    """Whether the sentinel of an artifact is as `write_sentinel` wrote it.

    As `read_sentinel`, in a tenth of the time: no JSON is read if the text is what the seal was made of.
    """
    text, _, seal = Path(sentinel_of(artifact)).read_bytes().rpartition(_BEFORE_SEAL)
    named = f'"artifact": {json.dumps(artifact, ensure_ascii=False)}'.encode()
    if named in text and seal == hashlib.sha256(text + b"\n}\n").hexdigest().encode() + b'"\n}\n':
        return True
    try:
        read_sentinel(artifact)
    except ChangedFileError:
        return False
    return True


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
