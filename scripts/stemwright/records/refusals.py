"""The ledger of refusals: a line for each time an artifact was refused.

The number of an artifact's refusals is part of the params of the job that makes it. So a refused
artifact is stale, whatever target is asked for next, and it stays where it is to be listened to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stemwright.base.errors import ChangedFileError, StemwrightError
from stemwright.base.files import naming_errors


def refusal_count(ledger: Path) -> int:
    """How often the artifact was refused. A last line cut short by a crash does not count."""
    try:
        return ledger.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def record_refusal(ledger: Path, record: dict) -> None:
    """Append a refusal, in one write, and see it to the disk. Raises OSError, naming the ledger, if that is full."""
    ledger.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    if ledger.exists() and not ledger.read_bytes().endswith(b"\n") and ledger.stat().st_size:
        line = b"\n" + line
    with naming_errors(ledger), open(ledger, "ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def refusing_changed(ledgers: Mapping[str, str]) -> Iterator[None]:
    """Refuse a changed file that turns up, so that the next run makes it again. `ledgers`: by artifact."""
    try:
        yield
    except ChangedFileError as error:
        check = {
            "id": "made",
            "measured": str(error),
            "unit": "",
            "limit": "as made and verified",
            "status": "fail",
        }
        record_refusal(Path(ledgers[error.artifact]), {"artifact": error.artifact, "checks": [check]})
        raise StemwrightError(f"{error}\nThe next run makes it again.") from None
