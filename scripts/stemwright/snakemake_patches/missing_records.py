"""A file without a record is out of date, and a damaged record is none.

Without it
    Snakemake considers a file without a record up to date, whatever it was made from, and only logs that provenance is
    missing. After `.snakemake` was deleted, or a job failed (see `failed_job_records`), edits would go unnoticed. A
    damaged record ends every run with a traceback that names no file, or is compared in part. A record of another user
    that cannot be read is an error that does not say what to do. Nothing is built without this patch.
Upstream
    None filed: Snakemake computes `reason.no_metadata`, but only logs it. A fix: docs/upstream/missing-records.patch.
Touches
    `PersistenceBase.metadata`: for outputs of our rules without a sound record, it returns one without params, which
    differs from the params of any job. Uses `MetadataRecord` and `RECORD_FORMAT_VERSION`.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_missing_records.py::test_snakemake_trusts_what_it_knows_nothing_of fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from snakemake.exceptions import WorkflowError

from stemwright.base.ownership import describe_denied
from stemwright.snakemake_patches._ours import is_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.persistence import MetadataRecord


class PermissionDeniedError(WorkflowError):
    """What the user must correct. Snakemake would add the place in this file."""

    __traceback__ = None


def _make_known(metadata: Callable) -> Callable:
    from snakemake.persistence import RECORD_FORMAT_VERSION, MetadataRecord

    empty = MetadataRecord(record_format_version=RECORD_FORMAT_VERSION, params=[])

    def known(self, target):
        if not is_ours(target.rule):
            return metadata(self, target)
        try:
            record = metadata(self, target)
        except PermissionError as error:
            raise PermissionDeniedError(describe_denied(error.filename)) from None
        except (ValueError, TypeError, RecursionError, IsADirectoryError):  # it is not what Snakemake writes
            return empty
        is_sound = record and record.record_format_version == RECORD_FORMAT_VERSION and _is_sound(record)
        return record if is_sound else empty

    return known


def _is_sound(record: MetadataRecord) -> bool:
    """Whether what is compared with a job is there: bits that flipped may have left another key, or another value."""
    return (
        _are_texts(record.params)
        and _are_texts(record.input)
        and isinstance(record.input_checksums, dict)
        and _are_texts([*record.input_checksums.values()])
    )


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


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
