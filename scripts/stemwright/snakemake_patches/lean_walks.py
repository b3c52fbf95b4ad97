"""Snakemake goes through the jobs of a plan without a copy of it.

Without it
    To sort the jobs by levels, Snakemake makes a set of the jobs before each of them, and two more objects; to see
    whether an output is a folder in which there are other outputs, some objects for each output. For a thousand songs,
    which are 60,000 jobs, each of these takes some 30 MB and one or two seconds. Plans only take longer and more memory
    without this patch.
Upstream
    None filed.
Touches
    `DAG.toposorted`: the levels are counted from the jobs before each, unless there are pipes.
    `DAG.check_directory_outputs`: is left out if the texts of all paths tell that no output is in a folder that is an
    output itself. The results are the same, for rules of a host, too.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_lean_walks.py::test_snakemake_copies_the_plan fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from stemwright.snakemake_patches._patch import Patch, Replacement

if TYPE_CHECKING:
    from snakemake.jobs import Job


def _make_levels(toposorted: Callable) -> Callable:
    def levels(self, jobs=None, inherit_pipe_dependencies=False):
        jobs = self.jobs if jobs is None else jobs
        if inherit_pipe_dependencies or any(job.pipe_group is not None for job in jobs):
            yield from toposorted(self, jobs, inherit_pipe_dependencies)
        else:
            yield from _by_level(jobs, self.dependencies)

    return levels


def _by_level(jobs: Collection[Job], before: Mapping[Job, Collection[Job]]) -> Iterator[list[Job]]:
    """Jobs of a plan, which has no cycles: each one level above the highest of those before it."""
    levels: dict[Job, int] = {}
    for job in jobs:
        ahead = [job]
        while ahead:
            if unknown := [each for each in before[ahead[-1]] if each in jobs and each not in levels]:
                ahead += unknown
            else:
                last = ahead.pop()
                levels[last] = 1 + max((levels[each] for each in before[last] if each in jobs), default=-1)
    found: list[list[Job]] = [[] for _ in range(1 + max(levels.values(), default=-1))]
    for job, level in levels.items():
        found[level].append(job)
    yield from found


def _make_check(check_directory_outputs: Callable) -> Callable:
    def check(self):
        outputs = {file for job in self.jobs for file in job.output}
        if any(map(_is_ambiguous, outputs)) or not outputs.isdisjoint(_folders_above(outputs)):
            check_directory_outputs(self)

    return check


def _is_ambiguous(path: str) -> bool:
    """Whether there is another way to write it, given that others are relative."""
    return path.startswith(("/", "./")) or "//" in path or "/./" in path or path.endswith(("/", "/."))


def _folders_above(paths: Collection[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        folder = os.path.dirname(path)
        while folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)
    return found


PATCH = Patch(
    name="lean_walks",
    without="Plans take longer and more memory.",
    is_safe_without=True,
    replacements=(
        Replacement("snakemake.dag:DAG.toposorted", {"9.27.0": "34f11b02de8b3abb"}, _make_levels),
        Replacement("snakemake.dag:DAG.check_directory_outputs", {"9.27.0": "f89a67cca5e698d5"}, _make_check),
    ),
)
