"""All that reaches into Snakemake: one file a patch, each with what goes wrong without it and when it may go.

Snakemake (9.27) does not notice all that was disturbed in a build, and then finds "nothing to be done"; and it does
some things slower, or tells them at more length, than need be. Each of these is mended by replacing methods of its
classes, for the rules of this workflow and of its songs only: in a workflow that uses this one as a module, the other
rules are treated as ever. A patch for a Snakemake that it was not tried with is left out, and says so; or nothing is
built, where what is built could not be trusted (see `_patch`).

Rules call `install` once. docs/upstream/ holds the same mends as patches for Snakemake itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemwright.snakemake_patches import (
    ancient_search,
    change_reasons,
    checksum_once,
    end_timers,
    error_text,
    failed_job_records,
    forked_jobs,
    inputs_as_read,
    missing_records,
    own_locks,
    replaced_inputs,
    sigterm,
)
from stemwright.snakemake_patches._ours import RULE_DIGEST, claim, is_ours
from stemwright.snakemake_patches._patch import UntriedSnakemakeError
from stemwright.snakemake_patches.replaced_inputs import external_input

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

__all__ = ["PATCHES", "RULE_DIGEST", "UntriedSnakemakeError", "claim", "external_input", "install", "is_ours"]

PATCHES = tuple(
    module.PATCH
    for module in (
        ancient_search,
        failed_job_records,
        inputs_as_read,
        missing_records,
        replaced_inputs,
        own_locks,
        sigterm,
        checksum_once,
        forked_jobs,
        end_timers,
        error_text,
        change_reasons,
    )
)


def install(workflow: Workflow) -> None:
    """Install all patches, for the rules of the workflow that is being read. Calling it again changes nothing.

    It is to be called from a file of rules that stands beside those of all others, and that the workflow's Snakefile
    includes: so it is known which rules are ours. Raises UntriedSnakemakeError if what is built could not be trusted
    with this Snakemake.
    """
    claim(workflow)
    for patch in PATCHES:
        patch.install(workflow)
