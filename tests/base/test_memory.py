"""Freed memory is used again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from stemwright.base.memory import keep_freed_memory
if {kept}:
    keep_freed_memory()
block = np.ones((1 << 16, 2))
np.hypot(block * 2, block * 3)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    np.hypot(block * 2, block * 3)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it asks the C library of GNU")
def test_a_block_takes_the_memory_of_the_one_before():
    """Three blocks of 1 MB are 768 pages; the system would clear each anew, and counts that as a page fault."""

    def faults(kept):
        command = [sys.executable, "-c", FAULTS.format(kept=kept)]
        env = {"PYTHONPATH": ":".join(sys.path)}
        return int(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)

    assert faults(kept=True) < 1_000 < faults(kept=False)
