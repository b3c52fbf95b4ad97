"""`snakemake --touch` is refused if a job of ours is out of date.

Without it
    `--touch` records each job as done with its present params, without running it. A stricter limit of a gate would
    then be on record, and the sentinel from before it would stand for it. Among our rules, dates are no reason to run,
    so there is nothing that `--touch` is needed for. Nothing is built without this patch.
Upstream
    None filed, and there is no fix in docs/upstream/: it is what `--touch` is for.
Touches
    `DAG.check_touch_compatible`, which is called before anything is touched; uses `DAG.needrun_jobs`. Nothing changes
    for a host as long as no job of ours is among those to be touched.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_touch.py::test_snakemake_records_what_was_not_done fails.
"""

from __future__ import annotations

from collections.abc import Callable

from snakemake.exceptions import WorkflowError

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_check(check_touch_compatible: Callable) -> Callable:
    def check(self):
        stale = [job for job in self.needrun_jobs() if is_ours(job.rule) and job.output]
        if stale:
            raise WorkflowError(
                f"--touch: {stale[0].output[0]} is out of date ({len(stale)} such jobs): it would be marked as current "
                "without being made and verified. Nothing was changed. Dates are no reason to build here; run without "
                "--touch."
            )
        check_touch_compatible(self)

    return check


PATCH = Patch(
    name="touch",
    without="--touch would make files pass for verified that are not.",
    is_safe_without=False,
    replacements=(
        Replacement("snakemake.dag:DAG.check_touch_compatible", {"9.27.0": "a62a61d5eb78c44b"}, _make_check),
    ),
)
