"""A file dated in the future can be built from.

Without it
    After a job, Snakemake compares dates: if an input is dated later than an output, the job fails, as "this could
    indicate a clock skew problem" and the job would run again in each run. A recorder whose clock is wrong dates its
    samples in the future: from these, nothing could ever be built. Among our rules, content decides whether a job runs
    again, and the check is left out. Builds are correct without this patch.
Upstream
    None filed, and there is no fix in docs/upstream/: where dates decide, the check is right.
Touches
    `DAG.check_output_mtime`. Only for our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_clock_skew.py::test_snakemake_refuses_what_is_dated_in_the_future fails.
"""

from __future__ import annotations

from collections.abc import Callable

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_check(check_output_mtime: Callable) -> Callable:
    async def check(self, job, expanded_output):
        if not is_ours(job.rule):
            await check_output_mtime(self, job, expanded_output)

    return check


PATCH = Patch(
    name="clock_skew",
    without="Nothing can be built from a file that is dated in the future.",
    is_safe_without=True,
    replacements=(
        Replacement("snakemake.dag:DAG.check_output_mtime", {"9.27.0": "b30eea941b11d27a"}, _make_check),
    ),
)
