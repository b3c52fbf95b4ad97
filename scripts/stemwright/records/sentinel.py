"""The sentinel `FILE.ok`: proof that the file with this SHA-256 passed its gates.

It has a seal, the digest of its own content, so that an edit of the sentinel is noticed too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from stemwright.base.errors import ChangedFileError
from stemwright.base.files import json_text, write_json
from stemwright.records.account import Account
from stemwright.records.paths import produced_of, sentinel_of
from stemwright.records.produced import describe_change, read_produced

_BEFORE_SEAL = b',\n "seal": "'
"""What is in the text of a sentinel between the record and its seal, see `json_text`."""


def write_sentinel(artifact: str, record: Mapping, account: Account | None = None, root: str = "") -> None:
    """Write the sentinel of an artifact that passed.

    Parameters
    ----------
    artifact : str
        The path of the artifact, as in the plan.
    record : mapping
        The verdict.
    account : Account, optional
        What the verification was asked and what it has read. With the digest of the record of what was produced, the
        sentinel seals that too.
    root : str
        Where the job works, see `produced`.
    """
    record = {**record, **asdict(account)} if account else record
    write_json(root + sentinel_of(artifact), {**record, "seal": _seal(record)})


def account_in_sentinel(path: str | os.PathLike) -> Account | None:
    """The account in the sentinel `path`. None if it cannot be read, or there is none."""
    try:
        record = json.loads(Path(path).read_bytes())
        return Account(record["asked"], record["read"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_sentinel(artifact: str, root: str = "") -> dict:
    """The record in the sentinel of an artifact, without the seal. For `root`, see `produced`.

    Raises ChangedFileError if the sentinel is damaged or belongs to another artifact.
    """
    return parse_sentinel(artifact, Path(root + sentinel_of(artifact)).read_bytes())


def parse_sentinel(artifact: str, text: bytes) -> dict:
    """The same, of the text of a sentinel, wherever that is."""
    path = sentinel_of(artifact)
    try:
        record = json.loads(text)
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


def warning_count(sentinel: Path) -> int:
    """How many checks of a sentinel warn. No JSON is read: in a text, the quotes would be escaped."""
    return sentinel.read_bytes().count(b'"status": "warn"')


def has_kind(sentinel: Path, kind: str) -> bool:
    """Whether a sentinel is of a kind, such as `master`. No JSON is read: in a text, the quotes would be escaped."""
    return f'\n "kind": "{kind}",\n'.encode() in sentinel.read_bytes()


def awaits_verification(artifact: str, root: str = "") -> bool:
    """Whether an artifact was made again since its sentinel was written, and is unchanged since."""
    try:
        passed, made = read_sentinel(artifact, root), read_produced(artifact, root)
    except ChangedFileError:
        return False
    is_later = os.path.getmtime(root + produced_of(artifact)) > os.path.getmtime(root + sentinel_of(artifact))
    return is_later and passed["sha256"] != made[artifact] and not describe_change(made, root=root)


def verify_unchanged(artifact: str, root: str = "", known: Mapping[str, str] | None = None) -> None:
    """Compare an artifact that passed with its records.

    Parameters
    ----------
    artifact : str
        Its path, as in the plan.
    root : str
        Where the job works, see `produced`.
    known : mapping of str to str, optional
        Current digests that were computed before.

    Raises
    ------
    ChangedFileError
        If its bytes or its records differ.
    """
    passed, made = read_sentinel(artifact, root), read_produced(artifact, root)
    if fault := describe_change(made, known, root):
        raise ChangedFileError(artifact, fault)
    if passed["sha256"] != made[artifact]:
        raise ChangedFileError(
            artifact, f"{artifact}: is not the file that passed: the sha256 in its sentinel differs"
        )


def _seal(record: Mapping) -> str:
    return hashlib.sha256(json_text(record).encode()).hexdigest()
