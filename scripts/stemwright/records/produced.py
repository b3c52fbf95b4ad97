"""The record of what a job produced: `FILE.made`, with the SHA-256 of each of its files, and the job's account.

A modification time says when a file was written, but not by what. So a job records the digests of its files, and
later they are compared with that record: a file that was edited or damaged since is refused. The format is that of
`sha256sum`, so `sha256sum -c FILE.made` checks it too: the XXH3 of the files (see `stemwright.base.hashing`), the
account (see `account`) and the seal, the digest of all lines above it, are comments there.

Paths in records are those of the plan. Where a job works on copies (of files in a storage), `root` leads to these: the
copy of FILE is `root + FILE`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.files import atomic_write, digests_of_written
from stemwright.base.hashing import Digests, sha256
from stemwright.records.account import Account
from stemwright.records.paths import artifact_of, produced_of

_XXH3, _ASKED, _READ, _SEAL = "# xxh3 ", "# asked ", "# read ", "# seal "


def write_produced(
    path: str | os.PathLike, files: Iterable[str], account: Account | None = None, root: str = ""
) -> None:
    """Write the record of what a job has produced, atomically.

    Parameters
    ----------
    path : path-like
        The record.
    files : iterable of str
        The paths of the files, as in the plan.
    account : Account, optional
        What the job was asked and what it has read.
    root : str
        Where the job works, see above.
    """
    digests = {file: digests_of_written(root + file) for file in files}
    lines = [f"{found.sha256}  {file}\n" for file, found in digests.items()]
    lines += [f"{_XXH3}{found.xxh3}  {file}\n" for file, found in digests.items() if found.xxh3]
    if account:
        lines.append(f"{_ASKED}{account.asked}\n")
        lines += [f"{_READ}{digest}  {file}\n" for file, digest in account.read.items()]
    with atomic_write(path) as part:
        part.write_text("".join(lines) + _seal(lines), encoding="utf-8")


def read_produced(artifact: str, root: str = "") -> dict[str, str]:
    """The digests that the job of an artifact recorded, by path. Raises ChangedFileError if they cannot be read."""
    path = produced_of(artifact)
    try:
        digests = {file: found.sha256 for file, found in _parse(Path(root + path))[0].items()}
    except FileNotFoundError:
        raise ChangedFileError(artifact, f"{path}: is missing: it records what the job produced") from None
    except ValueError:
        digests = {}
    if artifact not in digests:
        raise ChangedFileError(artifact, f"{path}: is damaged: it is not what the job made")
    return digests


def read_both_digests(artifact: str, root: str = "") -> dict[str, Digests]:
    """The digests that the job of an artifact recorded, with XXH3, by path; none if they cannot be read."""
    try:
        return _parse(Path(root + produced_of(artifact)))[0]
    except (OSError, ValueError):
        return {}


def read_account(path: str | os.PathLike) -> Account | None:
    """The account in a record of what a job produced. None if it cannot be read, or there is none."""
    try:
        return _parse(Path(path))[1]
    except (OSError, ValueError):
        return None


def check_accounts(records: Iterable[str | os.PathLike], found: Mapping[str, str]) -> None:
    """Raise StemwrightError if a job has read another file than is there now.

    Parameters
    ----------
    records : iterable of path-like
        The records of the jobs.
    found : mapping of str to str
        The SHA-256 of files as they are now, by path; others are not compared.
    """
    for record in records:
        account = read_account(record)
        for path, digest in account.read.items() if account else ():
            if found.get(path, digest) != digest:
                raise StemwrightError(
                    f"{path}: has changed since {artifact_of(os.fspath(record))} was made from it; run snakemake again"
                )


def describe_change(
    digests: Mapping[str, str], known: Mapping[str, str] | None = None, root: str = ""
) -> str:
    """Compare files with their recorded digests.

    Parameters
    ----------
    digests : mapping of str to str
        The recorded digests, by path.
    known : mapping of str to str, optional
        Current digests that were computed before.
    root : str
        Where the files are, see above.

    Returns
    -------
    str
        A message about the first file that differs, or "".
    """
    for path, digest in digests.items():
        place = root + path
        found = (known or {}).get(path) or (
            sha256(place) if os.path.isfile(place) else "none, it is not a file"
        )
        if found != digest:
            return describe_difference(path, found, digest)
    return ""


def describe_difference(path: str, found: str, expected: str) -> str:
    """The message about a file that is not what its job made.

    Parameters
    ----------
    path : str
        The file.
    found, expected : str
        The SHA-256 that it has, and the one on record.

    Returns
    -------
    str
    """
    return f"{path}: is not what the job made: sha256 {found}, expected {expected}"


def _parse(path: Path) -> tuple[dict[str, Digests], Account | None]:
    """The digests and the account in a record. Raises ValueError if it is damaged, OSError if there is none."""
    *lines, last = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
    if last != _seal(lines):
        raise ValueError(path)
    asked = [line.removeprefix(_ASKED).strip() for line in lines if line.startswith(_ASKED)]
    read = [line.removeprefix(_READ) for line in lines if line.startswith(_READ)]
    xxh3 = _digests(line.removeprefix(_XXH3) for line in lines if line.startswith(_XXH3))
    produced = _digests(line for line in lines if not line.startswith((_XXH3, _ASKED, _READ)))
    digests = {file: Digests(digest, xxh3.get(file, "")) for file, digest in produced.items()}
    return digests, Account(asked[0], _digests(read)) if asked else None


def _digests(lines: Iterable[str]) -> dict[str, str]:
    return {path: digest for digest, path in (line.rstrip("\n").split("  ", 1) for line in lines)}


def _seal(lines: Iterable[str]) -> str:
    return f"{_SEAL}{hashlib.sha256(''.join(lines).encode()).hexdigest()}\n"
