"""An input file is as new as the moment when it was put in its place.

Without it
    Snakemake compares the checksum of an input only if its modification date is later than the output's. A sample that
    is replaced by an older file (`mv`, `cp -p`, a renamed folder, a link) goes unnoticed. Nothing is built without this
    patch.
Upstream
    None filed, and there is no fix in docs/upstream/: it costs one `stat` for each folder above each input, and a
    status change (`chmod`) makes Snakemake compute a checksum, which others may not want.
Touches
    `_IOFile.is_newer`. Only for inputs marked with `external_input`: our rules mark those that no job makes.
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
    """Mark an input that no job makes: it is as new as the moment when it was put in its place."""
    return flag(path, _FLAG)


def _make_newer(is_newer: Callable) -> Callable:
    async def newer(self, time):
        arrived = is_flagged(self, _FLAG) and os.path.exists(self) and _arrival(self) > time
        return arrived or await is_newer(self, time)

    return newer


def _arrival(path: str) -> float:
    """When a file, or a folder above it, was last changed or got its name, in seconds since 1970.

    `mv` keeps the date of the last write, but not that of the last status change (`st_ctime`).
    """
    folders = [folder for folder in Path(path).parents if folder != Path()]
    return max(os.stat(path).st_ctime, *(os.lstat(name).st_ctime for name in (Path(path), *folders)))


PATCH = Patch(
    name="replaced_inputs",
    without='A sample that an older file has replaced would go unnoticed ("nothing to be done").',
    is_safe_without=False,
    replacements=(Replacement("snakemake.io:_IOFile.is_newer", {"9.27.0": "358d9026b3e34f61"}, _make_newer),),
    depends_on=(Source("snakemake.dag:DAG.update_needrun", {"9.27.0": "08942bcb98dd65ce"}),),
)
