"""A run removes only its own locks.

Without it
    A run that ends removes the locks of all runs in the folder. While a build is running, a run of other targets is
    allowed (`audit`, another song); when that ends, a third run could build the same files as the first one. What they
    write is whole, as files get their names when they are complete, and verification refuses a file that does not match
    its record. Therefore a build goes on without this patch, with a warning.
Upstream
    None filed. A fix for both persistence backends: docs/upstream/own-locks.patch. The backend `db` has the same fault
    and is not patched here, so our profile selects `file`.
Touches
    `FilePersistence._delete_locks`, `FilePersistence.cleanup_locks` (`snakemake --unlock`: it removes all locks, as
    before), `FilePersistence._lockfile`.
Whose rules
    A lock belongs to a process and names the files that it reads or writes, of a host's rules and of ours. If a run of
    a host's rules removed the locks of others, it would remove those of our files, too. So the patch covers all runs of
    a workflow that contains our rules. The difference for a host: after `kill -9`, the remaining lock is removed by
    `--unlock` only, as the message says, and no longer by the next run of any other target.
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
