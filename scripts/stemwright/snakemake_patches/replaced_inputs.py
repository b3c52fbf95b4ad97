"""An input counts as new from when it was put in its place, whatever its date.

Without it
    Snakemake compares an input's checksum only if its date is later than the output's. A sample replaced by an older
    recording (`mv`, `cp -p`, a renamed folder, a link) would go unnoticed. So without this patch nothing is built.
Upstream
    None filed, and no fix here: what is right for the inputs of a sound (read whole, and few) would make Snakemake
    look at millions of files elsewhere.
Touches
    `_IOFile.is_newer`; only for inputs marked by `external_input`, as our rules mark those that no job makes.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_replaced_inputs.py::test_snakemake_goes_by_the_date fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from snakemake.io import flag, is_flagged

from stemwright.snakemake_patches._patch import Patch, Replacement, Source

_FLAG = "stemwright_external_input"


def external_input(path: str) -> str:
    """Mark an input that no job makes: it counts as new from when it was put there."""
    return flag(path, _FLAG)


def _make_newer(is_newer: Callable) -> Callable:
    async def newer(self, time):
        arrived = is_flagged(self, _FLAG) and os.path.exists(self) and _arrival(self) > time
        return arrived or await is_newer(self, time)

    return newer


def _arrival(path: str) -> float:
    """When a file, or a folder that it is in, came to bear its name or was changed, as the time of the system.

    `mv` leaves the date of a change of the contents, but not that of a change of the file's entry (`st_ctime`).
    """
    folders = [folder for folder in Path(path).parents if folder != Path()]
    return max(os.stat(path).st_ctime, *(os.lstat(name).st_ctime for name in (path, *folders)))


PATCH = Patch(
    name="replaced_inputs",
    without='A sample that an older file has replaced would go unnoticed ("nothing to be done").',
    is_safe_without=False,
    replacements=(Replacement("snakemake.io:_IOFile.is_newer", {"9.27.0": "358d9026b3e34f61"}, _make_newer),),
    depends_on=(Source("snakemake.dag:DAG.update_needrun", {"9.27.0": "08942bcb98dd65ce"}),),
)
