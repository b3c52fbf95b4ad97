"""Nothing that a run has started keeps Python from ending with it."""

import re
import threading
import time
from unittest.mock import Mock

from small_workflow import SmallWorkflow

from stemwright.snakemake_patches.end_timers import _make_look_again

TEXT = """
import threading

rule make:
    output: "made"
    shell: "touch {output}"

onsuccess:
    print(sum(isinstance(each, threading.Timer) and not each.daemon for each in threading.enumerate()), "timers")
"""

LOOP = """
import os

class Loop:
    def __del__(self, write=os.write):
        write(1, b"found\\n")

loop = Loop()
loop.itself = loop

rule make:
    output: "made"
    shell: "touch {output}"
"""


def timers(work):
    """How many timers Python would wait for at the end of a run."""
    return int(re.search(r"^(\d+) timers$", work.run("made").text, re.MULTILINE)[1])


def test_snakemake_waits_for_its_timers(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert timers(SmallWorkflow(tmp_path, TEXT)) > 0


def test_with_the_patch_it_does_not(tmp_path):
    assert timers(SmallWorkflow(tmp_path, TEXT, ["end_timers"])) == 0


def test_the_timers_are_there_to_start_more_jobs_after_a_second(tmp_path):
    """Two jobs a second are allowed: the third starts a second later."""
    jobs = TEXT.replace('"made"', '"{made}"').replace(
        "rule make", 'rule all:\n    input: list("abc")\n\nrule make'
    )
    work = SmallWorkflow(tmp_path, jobs, ["end_timers"])
    assert work.run("all", "--max-jobs-per-timespan", "2/1s").text.count("Finished jobid") == 4


def test_there_is_one_timer_however_many_rounds_there_are():
    looked, look_again = threading.Semaphore(0), _make_look_again(None)
    scheduler, start = Mock(_open_jobs=looked), time.monotonic()
    for _ in range(100):
        look_again(scheduler, 0.2)
    assert sum(isinstance(each, threading.Timer) for each in threading.enumerate()) == 1
    assert looked.acquire(timeout=60) and time.monotonic() - start >= 0.2
    assert not looked.acquire(blocking=False)
    look_again(scheduler, 0.01)
    assert looked.acquire(timeout=60)


def test_python_searches_all_objects_of_the_run_at_its_end(tmp_path):
    """When this fails, what the patch does for it may go."""
    assert "found" in SmallWorkflow(tmp_path, LOOP).run("made").text.splitlines()


def test_with_the_patch_python_leaves_them(tmp_path):
    assert "found" not in SmallWorkflow(tmp_path, LOOP, ["end_timers"]).run("made").text.splitlines()
