"""A job's own reasons to run are found even if an `ancient()` input of it is made again.

Without it
    Snakemake does not look for reasons to run a job if a job upstream of it must run, as it will run anyhow. A job
    that depends on the other one by `ancient()` inputs only does not: its own reasons, such as changed params, are
    overlooked until the next run. Here, all sentinels are ancient inputs, so that "nothing to be done" would be wrong.
    Therefore nothing is built without this patch.
Upstream
    https://github.com/snakemake/snakemake/issues/4166, open. A fix: docs/upstream/ancient-search.patch.
Touches
    `DAG.update_needrun` and `DAG.bfs`, which marks there the jobs that need not be looked at; reads `DAG.depending`.
    Jobs of a host's rules are marked as by Snakemake.
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
"""During the search: whether the workflow has rules that are not ours. Otherwise None."""


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
    """The jobs that need not be looked at, as jobs upstream of them must run.

    Among ours: those downstream without an ancient input in between. Among a host's: those downstream without an
    ancient input of a rule of ours in between, that is, without our rules, all that Snakemake would mark.
    """
    for job in bfs(_Edges(dag.depending, lambda to: False), *jobs):
        if is_ours(job.rule):
            yield job
    if _has_hosts.get():
        for job in bfs(_Edges(dag.depending, lambda to: not is_ours(to.rule)), *jobs):
            if not is_ours(job.rule):
                yield job


class _Edges:
    """The jobs that depend on a job, without those that do so by ancient inputs only, unless `are_kept`."""

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
