"""A plan that is made while a build runs in the folder says so in a note, which is no error.

Without it
    `snakemake -n` prints "Error: Directory cannot be locked" above its plan, which is as good as any, and ends well.
    Plans only look as if they had failed without this patch.
Upstream
    None filed.
Touches
    `PersistenceBase.lock_warn_only`: what it says. Only a dry run calls it. A build is refused as before.
    Where Stemwright is a module of another workflow, nothing is touched.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_locked_plans.py::test_snakemake_calls_it_an_error fails.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

from snakemake.logging import logger

from stemwright.snakemake_patches._patch import Patch, Replacement, Source

NOTE = "Note: a build runs here, or was killed before it could unlock the folder; this plan is of what is on disk now."


def _make_note(lock_warn_only: Callable) -> Callable:
    @contextmanager
    def note(self):
        if self.locked:
            logger.info(NOTE)
        yield

    return note


PATCH = Patch(
    name="locked_plans",
    without="A plan that is made during a build begins with an error, which is none.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.persistence:PersistenceBase.lock_warn_only",
            {"9.27.0": "d53f8276837f5e0f"},
            _make_note,
        ),
    ),
    depends_on=(Source("snakemake.persistence:PersistenceBase.locked", {"9.27.0": "bad09502979b03bb"}),),
    applies=lambda workflow: workflow.modifier.is_main_snakefile(),
)
