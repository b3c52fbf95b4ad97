"""The ledger of refusals: one line of JSON for each time that an artifact was refused.

The number of refusals is a param of the job that makes the artifact. So a refused artifact is out of date for every
later run, and meanwhile the file is kept, to be listened to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.files import check_writing, naming_errors
from stemwright.records.paths import refused_page_of


def refusal_count(ledger: Path) -> int:
    """How often an artifact was refused: the number of complete lines of its ledger, 0 if there is none."""
    try:
        return ledger.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def last_refusal(ledger: Path) -> dict:
    """The record of the last refusal of an artifact; empty if there is none, or the ledger cannot be read."""
    try:
        found = json.loads(ledger.read_bytes().splitlines()[-1])
    except (OSError, ValueError, IndexError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def record_refusal(ledger: Path, record: dict) -> None:
    """Append a refusal in one write, and flush it to disk. Raises OSError, naming the ledger, if that fails."""
    check_writing()
    ledger.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    if ledger.exists() and not ledger.read_bytes().endswith(b"\n") and ledger.stat().st_size:
        line = b"\n" + line
    with naming_errors(ledger), open(ledger, "ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def forget_page(ledger: str) -> None:
    """Remove the page of a refusal, if there is one: the file passes."""
    check_writing()
    Path(refused_page_of(ledger)).unlink(missing_ok=True)


@contextmanager
def refuse_changed_files(ledgers: Mapping[str, str]) -> Iterator[None]:
    """Record a ChangedFileError raised inside as a refusal of its artifacts, so that the next run makes them again.

    `ledgers` has the path of the ledger of each artifact; of another one, nothing is recorded. The error is raised on
    as a StemwrightError.
    """
    try:
        yield
    except ChangedFileError as error:
        known = [each for each in (error, *error.others) if each.artifact in ledgers]
        if not known:
            raise
        for each in known:
            check = {
                "id": "made",
                "measured": each.text,
                "unit": "",
                "limit": "as made and verified",
                "status": "fail",
            }
            record_refusal(Path(ledgers[each.artifact]), {"artifact": each.artifact, "checks": [check]})
        again = "it" if len(known) == 1 else "them"
        raise StemwrightError(f"{error}\nThe next run makes {again} again.") from None
