"""Where the records of an artifact are: the only place that knows their endings and folders.

Beside each artifact `FILE` stand `FILE.ok`, its sentinel, and `FILE.made`, the record of what its job produced. Its
ledger of refusals is `RESULTS/SONG/refused/STAGE/FILE.jsonl`. The log and the benchmark of its job have the same place
under their own roots as the artifact has under the output root.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SENTINEL, PRODUCED, LEDGER = ".ok", ".made", ".jsonl"
_REFUSED = "refused"


def sentinel_of(artifact: str) -> str:
    """The path of an artifact's sentinel."""
    return artifact + SENTINEL


def produced_of(artifact: str) -> str:
    """The path of the record of what an artifact's job produced."""
    return artifact + PRODUCED


def artifact_of(record: str) -> str:
    """The path of the artifact that a sentinel, or a record of what was produced, stands beside."""
    return record.removesuffix(SENTINEL).removesuffix(PRODUCED)


def ledger_of(home: str, stage: str, file: str) -> str:
    """The path of the ledger of an artifact.

    Parameters
    ----------
    home : str
        The folder of its song.
    stage : str
        Its stage: the folder of the ledger, where the artifact itself stands in no folder of a stage.
    file : str
        The artifact, relative to `home`.

    Returns
    -------
    str
        The path, below `home`.
    """
    folder, _, name = file.rpartition("/")
    return f"{home}/{_REFUSED}/{folder or stage}/{name}{LEDGER}"


def records_in(root: Path) -> Iterator[Path]:
    """Every sentinel and every record of what was produced under a folder."""
    for ending in (PRODUCED, SENTINEL):
        yield from root.rglob(f"*{ending}")


def ledgers_in(root: Path) -> Iterator[Path]:
    """Every ledger under a folder."""
    yield from root.rglob(f"{_REFUSED}/*/*{LEDGER}")


def beside(name: Path, logs: str, benchmarks: str) -> tuple[Path, Path]:
    """The log and the benchmark of the job that made the file `name`, a path below the output root.

    Parameters
    ----------
    name : Path
        The file, relative to the output root.
    logs, benchmarks : str
        The roots of logs and of benchmarks.

    Returns
    -------
    tuple of Path
        The log and the benchmark.
    """
    return Path(logs, f"{name}.log"), Path(benchmarks, f"{name}.tsv")
