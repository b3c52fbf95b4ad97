"""What a job is about to replace is taken apart by the system while the job runs.

Without it
    Snakemake removes a job's earlier outputs before the job starts, and waits until the system has given back their
    pages: 5 ms for a stem of two minutes, 20 ms for an archive of 100 MB, for each job of a chain. Here, the file is
    held open meanwhile, so that only its name is removed, and closed beside the job. A build is only slower without
    this patch.
Upstream
    None filed.
Touches
    `Job.remove_existing_output`. Only for our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_quick_removal.py::test_snakemake_waits_for_the_pages fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_remove(remove_existing_output: Callable) -> Callable:
    async def remove(self):
        held = _opened(self.output) if is_ours(self.rule) else []
        try:
            await remove_existing_output(self)
        finally:
            if held:
                Thread(target=_close, args=[held]).start()

    return remove


def _opened(files: Sequence[str]) -> list[int]:
    held = []
    for file in files:
        # Not what could wait for somebody, as a named pipe does. What cannot be opened is removed as ever.
        with suppress(OSError):
            held.append(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
    return held


def _close(held: Sequence[int]) -> None:
    for descriptor in held:
        os.close(descriptor)


PATCH = Patch(
    name="quick_removal",
    without="Builds take longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.jobs:Job.remove_existing_output", {"9.27.0": "273a3181dc2edbec"}, _make_remove
        ),
    ),
)
