"""A mend for Snakemake's `ancient()`, without which "nothing to be done" could not be trusted.

A job that must run hides all that is downstream of it from the search for further reasons, since it will
run anyhow. But a job downstream by `ancient()` inputs alone does not run anyhow: its own reasons, a
changed param say, are then overlooked until the next run (Snakemake issue 4166, in 9.19 to 9.27 at least).
Sentinels are such inputs everywhere here. This keeps the search from following those edges.
tests/workflow/test_ancient.py says when it is no longer needed.
"""

from __future__ import annotations

from functools import wraps

from snakemake.dag import DAG


def mend() -> None:
    """Make Snakemake look for reasons behind ancient inputs too. Calling it again changes nothing."""
    if hasattr(DAG, "searches_behind_ancient"):
        return
    DAG.searches_behind_ancient = False
    update_needrun, bfs = DAG.update_needrun, DAG.bfs

    @wraps(update_needrun)
    async def search(self, *args, **kwargs):
        self.searches_behind_ancient = True
        try:
            return await update_needrun(self, *args, **kwargs)
        finally:
            self.searches_behind_ancient = False

    @wraps(bfs)
    def walk(self, direction, *jobs, **kwargs):
        if self.searches_behind_ancient and direction is self.depending:
            direction = _WithoutAncient(direction)
        return bfs(self, direction, *jobs, **kwargs)

    DAG.update_needrun, DAG.bfs = search, walk


class _WithoutAncient:
    """The jobs that depend on a job, less those that do so by ancient inputs alone."""

    def __init__(self, depending):
        self._depending = depending

    def __getitem__(self, job) -> dict:
        edges = self._depending[job].items()
        return {other: files for other, files in edges if not all(file.is_ancient for file in files)}
