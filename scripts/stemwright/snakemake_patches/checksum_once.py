"""The checksum of an input is computed once in a run.

Without it
    Snakemake records the checksums of a job's inputs, and reads each input again for each output of each job. A
    processed stem is an input of five jobs with two outputs each. Here, the checksum of a file is kept as long as the
    file stays the same: same inode, size, and dates to the nanosecond. A build is only slower without this patch.
Upstream
    https://github.com/snakemake/snakemake/issues/4240, about several outputs of one job. A fix for that:
    docs/upstream/checksum-once.patch.
Touches
    `_IOFile.checksum`. Only for inputs of our rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_checksum_once.py::test_snakemake_reads_again_and_again fails.
"""

from __future__ import annotations

from collections.abc import Callable

from stemwright.base.files import file_state
from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement


def _make_once(checksum: Callable) -> Callable:
    known = {}

    async def once(self, *args, **kwargs):
        if not is_ours(self.rule):
            return await checksum(self, *args, **kwargs)
        before = (file_state(self), args, *kwargs.items())
        if before not in known:
            taken = await checksum(self, *args, **kwargs)
            if before[0] is None or file_state(self) != before[0]:
                return taken
            known[before] = taken
        return known[before]

    return once


PATCH = Patch(
    name="checksum_once",
    without="Builds take longer.",
    is_safe_without=True,
    replacements=(Replacement("snakemake.io:_IOFile.checksum", {"9.27.0": "2fa3ee57e0a7cb44"}, _make_once),),
)
