"""Paths of the records of an artifact: the only module that knows their file endings and folders.

An artifact `FILE` has beside it `FILE.ok`, its sentinel, and `FILE.made`, the record of what its job produced. Its
ledger of refusals is `RESULTS/SONG/refused/STAGE/FILE.jsonl`, and beside that, while it is refused, lies a page,
`FILE.html`. The log and the benchmark of its job have the path of
the artifact, relative to their own roots instead of the output root.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ALBUMS = "albums"
"""The folder of all albums, below the output root: no song may have its name."""

DATASETS = "datasets"
"""The folder of all datasets, likewise."""

COLLECTIONS = {ALBUMS: "album", DATASETS: "dataset"}
"""What is in each of these folders."""

SONGS = "songs"
"""The folder of the files of songs."""

SENTINEL, PRODUCED, LEDGER, PAGE = ".ok", ".made", ".jsonl", ".html"
_REFUSED = "refused"

SONG_PAGE = "report/index.html"
"""The page of a song, below the folder of the song."""


def song_file(song: str) -> str:
    """The YAML file of a song by its name, unless it is a row of a table."""
    return f"{SONGS}/{song}.yaml"


def song_files() -> dict[str, str]:
    """Every YAML file below `songs/` by the name of its song, sorted; none that is hidden. Links are not followed."""
    found = {}
    for folder, below, files in os.walk(SONGS):
        below[:] = [name for name in below if not name.startswith(".")]
        for file in files:
            name, ending = os.path.splitext(file)
            if ending in (".yaml", ".yml") and not file.startswith("."):
                path = f"{folder}/{file}"
                found[f"{folder}/{name}"[len(SONGS) + 1 :]] = path
    return dict(sorted(found.items()))


def home_of(kind: str, name: str) -> str:
    """The folder of a song, an album or a dataset, relative to the output root."""
    return next((f"{folder}/{name}" for folder, other in COLLECTIONS.items() if kind == other), name)


def document_of(home: str) -> Path:
    """The YAML file of the song, album or dataset of a folder, which is relative to the output root."""
    return Path(f"{home}.yaml" if home.split("/")[0] in COLLECTIONS and "/" in home else song_file(home))


def homes_above(name: Path) -> list[str]:
    """The folders that may be that of what a file belongs to, shortest first, all relative to the output root.

    A song may be in folders, so that its own is not known from the path alone. Only one of them is that of a song.
    """
    parts = name.parts[:-1]
    first, last = (2, 2) if parts[:1] and parts[0] in COLLECTIONS else (1, len(parts))
    return ["/".join(parts[:end]) for end in range(first, last + 1) if end <= len(parts)]


def sentinel_of(artifact: str) -> str:
    """The path of an artifact's sentinel."""
    return artifact + SENTINEL


def is_sentinel(path: str) -> bool:
    """Whether a file is a sentinel, by its name."""
    return path.endswith(SENTINEL)


def produced_of(artifact: str) -> str:
    """The path of the record of what an artifact's job produced."""
    return artifact + PRODUCED


def artifact_of(record: str) -> str:
    """The path of the artifact that a sentinel or a record of what was produced belongs to."""
    return record.removesuffix(SENTINEL).removesuffix(PRODUCED)


def root_of(place: str, artifact: str) -> str:
    """Where a job works that finds the plan's file `artifact` at `place`: "", or the root of copies of a storage."""
    return place.removesuffix(os.path.normpath(artifact)) if place != artifact else ""


def name_of_output(place: str, artifact: str) -> str:
    """The path, as in the plan, of what a job for `artifact` writes to `place`: the artifact or its sentinel."""
    return place.removeprefix(root_of(artifact_of(place), artifact)) if artifact else place


def ledger_of(home: str, stage: str, file: str) -> str:
    """The path of the ledger of an artifact.

    Parameters
    ----------
    home : str
        The folder of the song.
    stage : str
        The stage of the artifact: the folder of the ledger, for an artifact that is directly in `home`.
    file : str
        The path of the artifact, relative to `home`.

    Returns
    -------
    str
        The path, below `home`.
    """
    folder, _, name = file.rpartition("/")
    return f"{home}/{_REFUSED}/{folder or stage}/{name}{LEDGER}"


def refused_page_of(ledger: str) -> str:
    """The path of the page that shows why an artifact is refused, by that of its ledger."""
    return ledger.removesuffix(LEDGER) + PAGE


def runs_of(page: str) -> str:
    """The path of the record of a song's last runs, beside its page, which shows it. It is no artifact."""
    return os.path.join(os.path.dirname(page), "runs.js")


def records_in(root: Path) -> Iterator[Path]:
    """Find every sentinel, and every record of what was produced, below a folder."""
    for ending in (PRODUCED, SENTINEL):
        yield from root.rglob(f"*{ending}")


def ledgers_in(root: Path) -> Iterator[Path]:
    """Find every ledger below a folder."""
    yield from root.rglob(f"{_REFUSED}/**/*{LEDGER}")


def log_and_benchmark_of(name: Path, logs: str, benchmarks: str) -> tuple[Path, Path]:
    """The paths of the log and the benchmark of the job that produced a file.

    Parameters
    ----------
    name : Path
        The file, relative to the output root.
    logs, benchmarks : str
        The roots of logs and benchmarks.

    Returns
    -------
    tuple of Path
        The log and the benchmark.
    """
    return Path(logs, f"{name}.log"), Path(benchmarks, f"{name}.tsv")
