"""Where built files are shared: the key `cache` of config.yaml."""

from __future__ import annotations

import os
from typing import Annotated, Any

from stemwright.validation.fields import Field


def parse_location(value: object) -> str:
    """Read a folder as an absolute path, or a URL as it is. Empty is none. Raises ValueError for anything else."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"must be a folder, or a URL such as s3://bucket/folder (is {value!r:.80})")
    return value if "://" in value else os.path.abspath(os.path.expanduser(value))


CacheLocation = Annotated[
    Any,
    Field(
        "Where built files are shared with other machines and clones: a folder, or a URL that fsspec knows "
        "(s3://bucket/folder). What is in there is not built again. No song depends on it. It may be given for one "
        "run, `snakemake --config cache=/mnt/cache`, or for all by the environment variable STEMWRIGHT_CACHE.",
        parse=parse_location,
        types=("string",),
    ),
]
"""The type of the key."""
