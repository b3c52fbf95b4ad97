"""A job's account: what it was asked, and what it has read.

A job that runs elsewhere plans for itself, minutes after the run that started it did, and that run looks at its output
minutes later still. In between, a song or a sample may be edited, and edited back. So each job records a digest of its
params and the SHA-256 of each file that it has read: a making job in `FILE.made`, a verification in its sentinel. The
run compares the account with its own plan, and records these digests instead of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Account:
    """What a job was asked and has read.

    Attributes
    ----------
    asked : str
        The digest of its params, see `digest_of_params`.
    read : mapping of str to str
        The SHA-256 of each file that it has read, by path.
    """

    asked: str
    read: Mapping[str, str]


def digest_of_params(job: Mapping[str, Any]) -> str:
    """The digest of what a job is asked: of its param, what its output depends on."""
    asked = {"params": job["params"], "tools": job["tools"]}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
