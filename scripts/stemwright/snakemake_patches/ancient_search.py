"""Reasons to run are looked for behind `ancient()` inputs, too.

Without it
    A job that must run hides all that is downstream of it from the search for further reasons, since that will run
    anyhow. But a job downstream by `ancient()` inputs alone does not run anyhow: its own reasons, a changed param say,
    are then overlooked until the next run. All sentinels are such inputs here: "nothing to be done" would be wrong. So
    without this patch nothing is built.
Upstream
    https://github.com/snakemake/snakemake/issues/4166, open. A fix: docs/upstream/ancient-search.patch.
Touches
    `DAG.update_needrun`, `DAG.bfs`, `DAG.depending`. The search is the walk along `depending` within `update_needrun`.
    A job of a host's rule is hidden as ever, also by its own ancient inputs.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_ancient_search.py::test_snakemake_overlooks_a_reason fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement

if TYPE_CHECKING:
    from snakemake.dag import DAG
    from snakemake.jobs import Job

_has_hosts: ContextVar[bool | None] = ContextVar("has_hosts", default=None)
"""Within the search: whether some rules are not ours. Otherwise None."""


def _make_search(update_needrun: Callable) -> Callable:
    async def search(self, *args, **kwargs):
        token = _has_hosts.set(not all(map(is_ours, self.rules)))
        try:
            return await update_needrun(self, *args, **kwargs)
        finally:
            _has_hosts.reset(token)

    return search


def _make_walk(bfs: Callable) -> Callable:
    def walk(self, direction, *jobs, **kwargs):
        if _has_hosts.get() is None or direction is not self.depending:
            return bfs(self, direction, *jobs, **kwargs)
        return _hidden(self, partial(bfs, self), jobs)

    return walk


def _hidden(dag: DAG, bfs: Callable, jobs: tuple[Job, ...]) -> Iterator[Job]:
    """What jobs that must run hide from the search, as they will run anyhow.

    Of our jobs, those that depend on them without an ancient input in between. Of a host's, those that do so without an
    ancient input of ours in between: where none of ours is, that is what Snakemake hides.
    """
    for job in bfs(_Edges(dag.depending, lambda to: False), *jobs):
        if is_ours(job.rule):
            yield job
    if _has_hosts.get():
        for job in bfs(_Edges(dag.depending, lambda to: not is_ours(to.rule)), *jobs):
            if not is_ours(job.rule):
                yield job


class _Edges:
    """The jobs that depend on a job, less those that do so by ancient inputs alone, unless these `are_kept`."""

    def __init__(self, depending: Mapping[Job, Mapping[Job, set]], are_kept: Callable[[Job], bool]):
        self._depending = depending
        self._are_kept = are_kept

    def __getitem__(self, job: Job) -> dict[Job, set]:
        return {
            other: files
            for other, files in self._depending[job].items()
            if self._are_kept(other) or not all(file.is_ancient for file in files)
        }


PATCH = Patch(
    name="ancient_search",
    without='A job that is to be done again could be overlooked ("nothing to be done").',
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.dag:DAG.update_needrun", {"9.27.0": "08942bcb98dd65ce"}, _make_search),
        Replacement("snakemake.dag:DAG.bfs", {"9.27.0": "49e66ec5bff4cd55"}, _make_walk),
    ),
)
