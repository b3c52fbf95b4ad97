"""What other runs are building in this folder: the files that their locks name."""

from __future__ import annotations

from pathlib import Path

_LOCKS = ".snakemake/locks"  # as snakemake.persistence.file names it


def files_being_built() -> set[str]:
    """The outputs of all jobs of the runs at work, and of runs that were killed before they could unlock."""
    found: set[str] = set()
    for lock in Path(_LOCKS).glob("*.output.lock"):
        try:
            found.update(lock.read_text(encoding="utf-8").splitlines())
        except OSError:  # that run has just ended
            continue
    return found
