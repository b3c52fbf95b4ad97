"""A run takes away its own locks only.

Without it
    A run that ends takes away the locks of every other run in the folder. While a build is at work, one of other
    targets may run (`audit`, another song); as it ends, a third could build the same files as the first, unhindered.
    What they made would be refused at worst, as it is not what either of them says. So a build goes on without it.
Upstream
    None filed. A fix, also for `--persistence-backend db`, which has the same fault and which our profile does not use:
    docs/upstream/own-locks.patch.
Touches
    `FilePersistence._delete_locks`, `FilePersistence.cleanup_locks` (`snakemake --unlock`, which takes away all, as
    ever), `FilePersistence._lockfile`.
Whose rules
    A lock is a process's and names files, not rules: those of the host's rules and ours, that one run reads or writes.
    So all locks of a workflow that has our rules are kept, or our files would be open to a third run. What a host
    notices: after `kill -9`, the lock that was left stays until `--unlock`, even if another target was built since.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_own_locks.py::test_snakemake_takes_away_the_locks_of_another_run fails.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stemwright.snakemake_patches._patch import Patch, Replacement, Source


def _make_delete_own(delete_locks: Callable) -> Callable:
    def delete_own(self):
        for file in self._lockfile.values():
            Path(file).unlink(missing_ok=True)
        self._lockfile.clear()

    return delete_own


def _make_delete_all(cleanup_locks: Callable) -> Callable:
    from snakemake.persistence.file import FilePersistence

    delete_locks = FilePersistence._delete_locks

    def delete_all(self):
        delete_locks(self)

    return delete_all


PATCH = Patch(
    name="own_locks",
    without="Start no second run while one is at work in this folder.",
    is_safe_without=True,
    replacements=(
        # In this order: the second is given what is still Snakemake's own.
        Replacement(
            "snakemake.persistence.file:FilePersistence.cleanup_locks",
            {"9.27.0": "159380a786977b7c"},
            _make_delete_all,
        ),
        Replacement(
            "snakemake.persistence.file:FilePersistence._delete_locks",
            {"9.27.0": "c7e6701b13e03e52"},
            _make_delete_own,
        ),
    ),
    depends_on=(
        Source("snakemake.persistence.file:FilePersistence._write_locks", {"9.27.0": "61dcd3cb78d3d086"}),
    ),
)
