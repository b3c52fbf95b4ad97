"""A batch of our rules has whole songs: `snakemake --batch all=1/10` builds a tenth of them.

Without it
    Snakemake cuts the sorted list of a rule's files into parts of equal length. A song at the end of a part is made to
    the half in one batch, and to its end in the next, which reads it anew. All batches together build the same.
Upstream
    None filed: what belongs together is for the workflow to say.
Touches
    `Batch.get_batch`: for files of our rules that are not in a storage, what the workflow has given to `batch_by`
    chooses.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_whole_batches.py::test_snakemake_cuts_anywhere fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

Choose = Callable[[Sequence[str], int, int], list[str]]

_choose: list[Choose] = []


def batch_by(choose: Choose) -> bool:
    """Have a function choose those of some files that are in a batch, by its index from 1 and the number of batches.

    Returns whether it will be asked: it is not if this patch is left out.
    """
    _choose[:] = [choose]
    return PATCH.is_in_use


def _make_batch(get_batch: Callable) -> Callable:
    def get(self, items):
        if not _choose or not all(is_ours(item.rule) and not item.is_storage for item in items):
            return get_batch(self, items)
        return _choose[0](items, self.idx, self.batches)

    return get


PATCH = Patch(
    name="whole_batches",
    without="Batches cut songs into parts.",
    is_safe_without=True,
    replacements=(
        Replacement("snakemake.settings.types:Batch.get_batch", {"9.27.0": "f85fe5e9e4e9112e"}, _make_batch),
    ),
    depends_on=(Source("snakemake.dag:DAG.collect_potential_dependencies", {"9.27.0": "ee43bc1d57865707"}),),
)
