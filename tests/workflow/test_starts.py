"""What a run imports: of one that has nothing to do, not what songs are read and made with."""

import os
import subprocess
import sys
import time

import pytest
from workdirs import ROOT

HEAVY = ("soundfile", "stemwright.song.load", "stemwright.plan.jobs")
RUN = f"""
import sys
from snakemake.cli import main
sys.argv = ["snakemake", "-s", {str(ROOT / "Snakefile")!r}, "--cores", "1"]
try:
    main()
finally:
    print("imported:", *(name for name in {HEAVY!r} if name in sys.modules))
"""


@pytest.fixture
def imported(workdir):
    """What of that a run in the built folder imports, with this very code."""

    def run():
        done = subprocess.run(
            [sys.executable, "-c", RUN], cwd=workdir.path, capture_output=True, text=True, check=False
        )
        assert "up to date" in done.stderr, done.stdout + done.stderr
        return done.stdout.rpartition("imported:")[2].split()

    return run


def newest(folder):
    return max(
        os.stat(os.path.join(place, name)).st_ctime for place, _, names in os.walk(folder) for name in names
    )


def test_a_run_that_has_nothing_to_do(imported, workdir):
    # Code that was edited just now is not relied on, nor are files that were put there just now.
    settled = max(newest(ROOT / "scripts") + 11, newest(workdir.path) + 3)
    time.sleep(max(0, settled - time.time()))
    assert set(imported()) == set(HEAVY)
    assert imported() == []
