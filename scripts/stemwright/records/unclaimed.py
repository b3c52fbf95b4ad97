"""Unclaimed artifacts: built files of songs and stems that were renamed or removed since.

A file counts only if a record of what was produced, a sentinel or a ledger names it, which is where that of the file
belongs, and if it is below the output root once links are followed: then Stemwright made it. Files of a song, an album
or a dataset that is not part of this run (`--config songs=`) do not count while its YAML file, or its row of a table,
exists.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from stemwright.base.errors import StemwrightError
from stemwright.records.paths import (
    LEDGER,
    PRODUCED,
    artifact_of,
    document_of,
    homes_above,
    ledger_of,
    ledgers_in,
    records_in,
    refused_page_of,
)
from stemwright.records.produced import read_produced


def unclaimed_files(
    results: str,
    claimed: Collection[str],
    homes: Collection[str],
    kept: Collection[str] = (),
    root: str = "",
) -> list[Path]:
    """Find artifacts that are not claimed, with their records.

    Parameters
    ----------
    results : str
        The output root.
    claimed : collection of str
        The paths of artifacts that songs, albums and datasets have.
    homes : collection of str
        The folders of the songs, albums and datasets of this run, relative to `results`.
    kept : collection of str
        Those of others that exist although they have no YAML file of their own: rows of tables.
    root : str
        Where the files of the plan are, see `produced`.

    Returns
    -------
    list of Path
        Their paths, as in the plan; sorted.
    """
    folder = Path(results)
    planned, others = set(homes), set(kept)
    exists = cache(lambda home: home in others or document_of(home).exists())

    def is_kept(path: Path) -> bool:
        above = homes_above(path.relative_to(folder))
        return planned.isdisjoint(above) and any(map(exists, above))

    return sorted(
        path
        for path in set(_unclaimed(folder, set(claimed), root))
        if Path(root, path).is_file()
        and is_inside(Path(root, path), Path(root, folder))
        and not is_kept(path)
    )


def is_inside(file: Path, folder: Path) -> bool:
    """Whether a file is below a folder, once `..` and links above it are followed; it may itself be a link."""
    above, top = os.path.realpath(file.parent), os.path.realpath(folder)
    return os.path.commonpath([above, top]) == top


def left_behind(folders: Collection[str], claimed: Collection[str]) -> list[str]:
    """Files directly in these folders that we made and that are not among the paths `claimed`; sorted."""
    made = {artifact_of(str(record)) for folder in folders for record in Path(folder).glob(f"*{PRODUCED}")}
    return sorted(file for file in made - set(claimed) if Path(file).is_file())


def _unclaimed(folder: Path, claimed: set[str], root: str) -> Iterator[Path]:
    for place in records_in(Path(root, folder)):
        record = place.relative_to(root) if root else place
        artifact = artifact_of(str(record))
        files = _files_of(record, root)
        if artifact not in claimed and artifact in files:
            yield from (Path(file) for file in files if Path(file).parent == record.parent)
            yield record
    for place in ledgers_in(Path(root, folder)):
        ledger = place.relative_to(root) if root else place
        for artifact in _files_of(ledger, root):
            if artifact not in claimed and _is_ledger_of(ledger, artifact):
                yield from (Path(artifact), ledger, Path(refused_page_of(str(ledger))))


def _is_ledger_of(ledger: Path, artifact: str) -> bool:
    """Whether a ledger is where that of an artifact belongs, which is in the folder of its stage or of its song."""
    name = ledger.name.removesuffix(LEDGER)
    return any(
        artifact == f"{above.parent}/{file}" and str(ledger) == ledger_of(str(above.parent), folder, file)
        for above in ledger.parents
        for folder in [str(ledger.parent.relative_to(above))]
        for file in (name, f"{folder}/{name}")
    )


def _files_of(record: Path, root: str) -> list[str]:
    """The files that a record (`.made`, sentinel, or first line of a ledger) names; none if it cannot be read."""
    try:
        if record.suffix == PRODUCED:
            return list(read_produced(artifact_of(str(record)), root))
        text = Path(root, record).read_text(encoding="utf-8")
        found = json.loads(text.splitlines()[0] if record.suffix == LEDGER else text)
        return [found["artifact"]] if isinstance(found["artifact"], str) else []
    except (StemwrightError, OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return []
