"""Errors of the system are told in a line, and a failed job of ours is spoken of by its log."""

import logging
import os
import signal
import time
from textwrap import indent
from types import SimpleNamespace

import pytest
from small_workflow import SmallWorkflow
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.snakemake_patches import error_text

TEXT = """
rule make:
    output: "{name}"
    log: "{name}.log"
    script: "../scripts/make.py"
"""
FAILING = """
import sys
open(snakemake.log[0], "w").write("why it failed")
sys.exit(1)
"""


def told_of_a_file_in_the_way(work):
    """What is told when Snakemake cannot make its folder of locks."""
    work.write(".snakemake/locks", "")
    return work.fails("made").text


def test_snakemake_prints_a_traceback(tmp_path):
    """When this fails, Snakemake has mended it: that half of the patch may go."""
    text = told_of_a_file_in_the_way(SmallWorkflow(tmp_path, TEXT))
    assert "Traceback" in text and "FileExistsError: [Errno 17] File exists" in text


def test_with_the_patch_it_is_one_line(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["error_text"])
    text = told_of_a_file_in_the_way(work)
    assert "Traceback" not in text and f"\n{work / '.snakemake/locks'}: File exists\n" in text


def test_a_host_s_errors_are_told_as_ever(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT, ["error_text"])
    work.use_as_module("")
    assert "Traceback" in told_of_a_file_in_the_way(work)


PRESS = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
MADE = """
rule make:
    output: "made"
    shell: "touch {output}"
"""


def test_snakemake_prints_a_traceback_after_ctrl_c(tmp_path):
    """When this fails, Snakemake has mended it: that part of the patch may go."""
    assert "Traceback" in SmallWorkflow(tmp_path, PRESS + MADE).fails("made").text


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (PRESS, "", "Interrupted. Nothing was built."),
        ("", f"onsuccess:\n{indent(PRESS, '    ')}", "Interrupted."),
    ],
    ids=["before", "after"],
)
def test_with_the_patch_ctrl_c_outside_of_jobs_is_one_line(before, after, told, tmp_path):
    text = SmallWorkflow(tmp_path, before + MADE + after, ["error_text"]).fails("made").text
    assert told in text.splitlines() and "Traceback" not in text
    assert (tmp_path / "made").exists() == bool(after)


def test_ctrl_c_is_told_to_a_host_as_ever(tmp_path):
    work = SmallWorkflow(tmp_path, MADE, ["error_text"])
    work.use_as_module(PRESS)
    assert "Traceback" in work.fails("made").text


def told_of_a_failed_script(work):
    work.write("ours/scripts/make.py", FAILING)
    return work.fails("made", "--show-failed-logs").text


def test_snakemake_tells_the_command_besides_the_log(tmp_path):
    """When this fails, Snakemake has mended it: the other half of the patch may go."""
    text = told_of_a_failed_script(SmallWorkflow(tmp_path, TEXT, ["forked_jobs"]))
    assert "why it failed" in text and "returned non-zero exit status 1" in text and "all.smk" in text


def test_with_the_patch_the_log_speaks(tmp_path):
    text = told_of_a_failed_script(SmallWorkflow(tmp_path, TEXT, ["forked_jobs", "error_text"]))
    assert "why it failed" in text and "Error in rule make" in text
    assert "non-zero exit status" not in text and "all.smk" not in text.partition("Building DAG")[2]


TWO = (
    TEXT
    + """
rule shelled:
    output: touch("shelled")
    shell: "touch begun-shelled\\n sleep 60"
"""
)
WAITING = """
import os, time
open("begun-script", "w").write(str(os.getpid()))
time.sleep(60)
"""


def told_of_jobs_at_work(tmp_path, patches, stop):
    """What is told of a script of ours and a command, which run at the same time when `stop` comes."""
    work = SmallWorkflow(tmp_path, TWO, patches)
    work.write("ours/scripts/make.py", WAITING)
    run = work.start("made", "shelled", own_group=True)
    while (
        not (work / "begun-shelled").exists()
        or not (work / "begun-script").exists()
        or not work.read("begun-script")
    ):
        time.sleep(0.02)
    stop(work, run)
    return run.communicate(60)[0]


def stop_all(_, run):
    os.killpg(run.pid, signal.SIGTERM)


def test_snakemake_tells_of_each_job_that_was_stopped_with_it(tmp_path):
    """When this fails, Snakemake has mended it: that part of the patch may go."""
    text = told_of_jobs_at_work(tmp_path, ["sigterm", "forked_jobs"], stop_all)
    assert text.count("died with <Signals.SIGTERM") == 2


def test_with_the_patch_it_does_not(tmp_path):
    text = told_of_jobs_at_work(tmp_path, ["sigterm", "forked_jobs", "error_text"], stop_all)
    assert text.count("Will exit after") == 1 and "died with" not in text and "Exception" not in text


def test_a_job_that_is_stopped_alone_is_told_of(tmp_path):
    def stop(work, run):
        os.kill(int(work.read("begun-script")), signal.SIGTERM)
        time.sleep(1)
        os.killpg(run.pid, signal.SIGTERM)

    text = told_of_jobs_at_work(tmp_path, ["sigterm", "forked_jobs", "error_text"], stop)
    assert text.count("died with <Signals.SIGTERM") == 1 and "make.py' died with" in text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), ".snakemake: No space left on device"),
        (OSError(28, "No space left on device", "a: 'b'.log"), "a: 'b'.log: No space left on device"),
        (PermissionError(13, "Permission denied", "x\n"), r"x\n: Permission denied"),
        (FileNotFoundError(2, "No such file", "a", None, "b"), "a: No such file"),
        (KeyboardInterrupt(), "Interrupted. Nothing was built."),
        (OSError("of a library"), None),
        (ValueError("[Errno 13] Permission denied: 'x'"), None),
    ],
)
def test_the_line(error, told):
    text = f"Traceback (most recent call last):\n\n  File ...\n\n{type(error).__name__}: {error}\n"
    record = logging.LogRecord("snakemake", logging.ERROR, "", 0, text, (), None)
    workflow = SimpleNamespace(scheduler=None)
    assert error_text._shorten(workflow, record) and record.msg == text  # not Snakemake's of an error
    record.event = LogEvent.ERROR
    assert error_text._shorten(workflow, record) and record.msg == (told or text)


def test_what_comes_of_ctrl_c_while_python_ends_is_not_told():
    ended, other = OSError(9, "Bad file descriptor"), OSError(9, "Bad file descriptor")
    ended.__context__ = KeyboardInterrupt()
    told = []
    for error in (KeyboardInterrupt(), ended, other):
        error_text._report_ignored(told.append, SimpleNamespace(exc_value=error))
    assert [each.exc_value for each in told] == [other]
