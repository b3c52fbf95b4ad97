"""Unclaimed artifacts: built files of songs and stems that were renamed or removed since.

A file counts only if a record of what was produced, a sentinel or a ledger names it: then Stemwright made it. Files of
a song that is not part of this run (`--config songs=`) do not count while its YAML file exists.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from stemwright.base.errors import StemwrightError
from stemwright.records.paths import LEDGER, PRODUCED, artifact_of, ledgers_in, records_in
from stemwright.records.produced import read_produced


def unclaimed_files(results: str, claimed: Collection[str]) -> list[Path]:
    """Artifacts below the output root, with their records, that are not among the paths `claimed`; sorted."""
    root = Path(results)
    planned = {_song(root, path) for path in claimed}
    return sorted(
        path
        for path in set(_unclaimed(root, set(claimed)))
        if path.is_file()
        and (_song(root, path) in planned or not Path("songs", f"{_song(root, path)}.yaml").exists())
    )


def left_behind(folders: Collection[str], claimed: Collection[str]) -> list[str]:
    """Files directly in these folders that we made and that are not among the paths `claimed`; sorted."""
    made = {artifact_of(str(record)) for folder in folders for record in Path(folder).glob(f"*{PRODUCED}")}
    return sorted(file for file in made - set(claimed) if Path(file).is_file())


def _song(root: Path, path: str | Path) -> str:
    return Path(path).relative_to(root).parts[0]


def _unclaimed(root: Path, claimed: set[str]) -> Iterator[Path]:
    for record in records_in(root):
        artifact = artifact_of(str(record))
        files = _files_of(record)
        if artifact not in claimed and artifact in files:
            yield from (Path(file) for file in files if Path(file).parent == record.parent)
            yield record
    for ledger in ledgers_in(root):
        for artifact in _files_of(ledger):
            if artifact not in claimed and root in Path(artifact).parents:
                yield from (Path(artifact), ledger)


def _files_of(record: Path) -> list[str]:
    """The files that a record (`.made`, sentinel, or first line of a ledger) names; none if it cannot be read."""
    try:
        if record.suffix == PRODUCED:
            return list(read_produced(artifact_of(str(record))))
        text = record.read_text(encoding="utf-8")
        found = json.loads(text.splitlines()[0] if record.suffix == LEDGER else text)
        return [found["artifact"]] if isinstance(found["artifact"], str) else []
    except (StemwrightError, OSError, ValueError, KeyError, TypeError, IndexError):
        return []
