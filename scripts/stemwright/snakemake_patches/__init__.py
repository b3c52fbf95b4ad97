"""All changes to Snakemake itself: one file a patch, which says what goes wrong without it and when it can go.

Snakemake (9.27) misses some disturbances of a build and then reports "nothing to be done"; some things it does more
slowly, or reports at more length, than necessary. The patches replace methods of its classes, and act on our rules
only: those of this workflow and those in songs/SONG.smk. If another workflow uses this one as a module, its own rules
behave as without us. A patch is not installed on a Snakemake whose source differs from what it was tried with (see
`_patch`).

The rules call `install` once. docs/upstream/ has the corresponding fixes for Snakemake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemwright.snakemake_patches import (
    ancient_search,
    change_reasons,
    checksum_once,
    clock_skew,
    end_timers,
    error_text,
    failed_groups,
    failed_job_records,
    forked_jobs,
    inputs_as_read,
    lean_jobs,
    lean_walks,
    literal_inputs,
    locked_plans,
    missing_outputs,
    missing_records,
    orphans,
    own_locks,
    parsed_rules,
    quick_producers,
    quick_removal,
    rare_collections,
    replaced_inputs,
    script_language,
    short_plan,
    sigterm,
    touch,
    unread_params,
    urgent_first,
    whole_batches,
)
from stemwright.snakemake_patches._ours import RULE_DIGEST, claim, is_of_a_song, is_ours
from stemwright.snakemake_patches._patch import UntriedSnakemakeError
from stemwright.snakemake_patches.forked_jobs import expect_jobs
from stemwright.snakemake_patches.literal_inputs import literal
from stemwright.snakemake_patches.quick_producers import one_of
from stemwright.snakemake_patches.replaced_inputs import external_input
from stemwright.snakemake_patches.whole_batches import batch_by

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

__all__ = [
    "PATCHES",
    "RULE_DIGEST",
    "UntriedSnakemakeError",
    "batch_by",
    "claim",
    "expect_jobs",
    "external_input",
    "install",
    "is_of_a_song",
    "is_ours",
    "literal",
    "one_of",
]

# What replaces the same method later is called first.
PATCHES = tuple(
    module.PATCH
    for module in (
        ancient_search,
        missing_outputs,
        failed_job_records,
        literal_inputs,
        missing_records,
        replaced_inputs,
        touch,
        clock_skew,
        own_locks,
        locked_plans,
        sigterm,
        checksum_once,
        inputs_as_read,
        orphans,
        failed_groups,
        forked_jobs,
        end_timers,
        error_text,
        short_plan,
        change_reasons,
        unread_params,
        script_language,
        lean_jobs,
        lean_walks,
        quick_producers,
        rare_collections,
        whole_batches,
        parsed_rules,
        quick_removal,
        urgent_first,
    )
)


def install(workflow: Workflow) -> None:
    """Install all patches. Calling it again changes nothing.

    Call it from a file that our Snakefile includes and that is in the folder of all other rules: these are then ours.
    Raises UntriedSnakemakeError if a patch that correct builds depend on does not fit this Snakemake.
    """
    claim(workflow)
    for patch in PATCHES:
        patch.install(workflow)
