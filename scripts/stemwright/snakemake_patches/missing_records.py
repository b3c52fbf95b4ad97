"""A file without a record is out of date.

Without it
    Snakemake considers a file without a record up to date, whatever it was made from, and only logs that provenance is
    missing. After `.snakemake` was deleted, or a job failed (see `failed_job_records`), edits would go unnoticed.
    Nothing is built without this patch.
Upstream
    None filed: Snakemake computes `reason.no_metadata`, but only logs it. A fix: docs/upstream/missing-records.patch.
Touches
    `PersistenceBase.metadata`: for outputs of our rules without a record, it returns one without params, which differs
    from the params of any job. Uses `MetadataRecord` and `RECORD_FORMAT_VERSION`.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_missing_records.py::test_snakemake_trusts_what_it_knows_nothing_of fails.
"""

from __future__ import annotations

from collections.abc import Callable

from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source


def _make_known(metadata: Callable) -> Callable:
    from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord

    empty = MetadataRecord(record_format_version=RECORD_FORMAT_VERSION, params=[])

    def known(self, target):
        return metadata(self, target) or (empty if is_ours(target.rule) else None)

    return known


PATCH = Patch(
    name="missing_records",
    without='A file of which nothing is on record would pass for up to date ("nothing to be done").',
    is_safe_without=False,
    replacements=(
        Replacement(
            "snakemake.persistence:PersistenceBase.metadata", {"9.27.0": "cbb4c55fbe44f1e1"}, _make_known
        ),
    ),
    depends_on=(
        Source("snakemake.persistence:PersistenceBase.params_changed", {"9.27.0": "ecfd1efca59a8617"}),
    ),
)
