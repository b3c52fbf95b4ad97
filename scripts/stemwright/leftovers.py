"""What no song claims any more: artifacts of songs and stems that were renamed or removed.

Only what is proved to be ours is named: files that a sentinel or a ledger of refusals speaks of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path


def leftovers(results: str, claimed: Collection[str]) -> list[Path]:
    """Files under the output root that were made as artifacts, with their records, less the claimed."""
    return sorted({path for path in _unclaimed(Path(results), set(claimed)) if path.is_file()})


def _unclaimed(root: Path, claimed: set[str]) -> Iterator[Path]:
    for sentinel in root.rglob("*.ok"):
        artifact = sentinel.with_suffix("")
        if str(artifact) not in claimed and _artifact_of(sentinel) == str(artifact):
            yield from (artifact, sentinel, Path(f"{artifact}.made"))
            if artifact.name == "master.wav":
                yield artifact.with_name("master.json")
    for ledger in root.rglob("refused/*/*.jsonl"):
        artifact = _artifact_of(ledger)
        if artifact and artifact not in claimed and root in Path(artifact).parents:
            yield from (Path(artifact), ledger)


def _artifact_of(record: Path) -> str | None:
    """The artifact that a sentinel, or the first line of a ledger, speaks of."""
    try:
        text = record.read_text(encoding="utf-8")
        found = json.loads(text.splitlines()[0] if record.suffix == ".jsonl" else text)
        return found["artifact"] if isinstance(found["artifact"], str) else None
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None
