"""Python seldom searches the objects of a run for cycles that it could free.

Without it
    Python searches the newest objects whenever there are 700 more, and now and then all of them. What a plan is made of
    stays to the end, so that there is next to nothing to find: a tenth of the time of a start, and of a plan. Runs only
    take longer without this patch. (In the venv that make sets up, Python begins with higher thresholds.)
Upstream
    None filed.
Touches
    Nothing of Snakemake: when our rules begin to be read, and most libraries are loaded, what is there is no longer
    searched (`gc.freeze`), and the thresholds are higher from then on (`gc.set_threshold`). It concerns the process,
    not rules: for a host, too, only time is saved. Jobs are other processes. `end_timers` does the rest: at the end,
    nothing is searched.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_rare_collections.py::test_snakemake_lets_python_search_often fails.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from stemwright.snakemake_patches._patch import Patch

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_THRESHOLDS = (20_000, 20, 20)
"""More save little: with none at all, a plan takes a twentieth less time than with these."""


def _set_up(workflow: Workflow) -> None:
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


PATCH = Patch(
    name="rare_collections",
    without="Each run takes longer.",
    is_safe_without=True,
    set_up=_set_up,
)
