"""Scripts of our rules are forks of a process that has imported what they need.

That each is alone in its process, is heard of and ends with its process: tests/workflow/test_warm.py.
"""

import contextlib
import errno
import importlib.util
import os
import re
import runpy
import select
import signal
import socket
import subprocess
import sys

import pytest
from small_workflow import ROOT, SmallWorkflow

from stemwright.snakemake_patches import forked_jobs

SERVER = ROOT / "scripts/stemwright/snakemake_patches/_fork_server.py"

TEXT = """
rule make:
    output: "{name}"
    script: "../scripts/make.py"
"""
SCRIPT = """
import os, sys
imported = "numpy" in sys.modules
open(snakemake.output[0], "w").write(f"{imported} {os.getppid()}")
"""


def made(work, *names):
    """Whether NumPy was there before a script of ours imported anything, and its parent process; by job."""
    work.write("ours/scripts/make.py", SCRIPT)
    work.run(*names)
    return [work.read(name).split() for name in names]


def test_snakemake_starts_each_script_anew(tmp_path):
    """When this fails, Snakemake has mended it: the patch may go."""
    assert [imported for imported, _ in made(SmallWorkflow(tmp_path, TEXT), "a", "b")] == ["False"] * 2


def test_with_the_patch_jobs_are_forks_of_one_process(tmp_path):
    first, second = made(SmallWorkflow(tmp_path, TEXT, ["forked_jobs"]), "a", "b")
    assert first == second and first[0] == "True"


@pytest.mark.parametrize(
    "more, forked", [("threads: 2", "True"), ("shadow: 'minimal'", "False")], ids=["threads", "shadow"]
)
def test_jobs_of_several_threads_are_forks_and_those_in_a_shadow_folder_start_anew(more, forked, tmp_path):
    text = TEXT.replace("    script", f"    {more}\n    script")
    work = SmallWorkflow(tmp_path, text, ["forked_jobs"])
    assert [imported for imported, _ in made(work, "a")] == [forked]


def test_so_do_scripts_that_are_elsewhere(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT.replace("../scripts", "../songs"), ["forked_jobs"])
    work.write("ours/songs/make.py", SCRIPT)
    assert [imported for imported, _ in made(work, "a")] == ["False"]


def test_so_does_a_script_of_ours_that_a_host_s_rule_runs(tmp_path):
    work = SmallWorkflow(tmp_path, TEXT.replace("{name}", "ours-{name}"), ["forked_jobs"])
    work.use_as_module(
        TEXT.replace("{name}", "theirs-{name}").replace("make:", "theirs:").replace("../", "ours/")
    )
    assert [imported for imported, _ in made(work, "theirs-a", "ours-a")] == ["False", "True"]


EARLY = """
import os
from stemwright.snakemake_patches import expect_jobs
expect_jobs(workflow)
os.environ["LATER"] = "yes"
os.environ.pop("EARLIER", None)
"""


def test_jobs_have_the_environment_of_their_time(tmp_path):
    """The process that is forked may have been started while the rules were read."""
    work = SmallWorkflow(tmp_path, EARLY + TEXT, ["forked_jobs"])
    work.env |= {"EARLIER": "yes", "ALWAYS": "yes"}
    names = ("EARLIER", "LATER", "ALWAYS")
    work.write(
        "ours/scripts/make.py",
        f"import os\nopen(snakemake.output[0], 'w').write(' '.join(str(os.environ.get(n)) for n in {names}))\n",
    )
    work.run("a")
    assert work.read("a") == "None yes yes"


@pytest.mark.parametrize("options, started", [((), 1), (("-n",), 0)], ids=["run", "dry-run"])
def test_in_a_dry_run_no_process_waits_for_jobs(tmp_path, options, started):
    count = """
import psutil
with open("children", "w") as file:
    file.write(str(len(psutil.Process().children())))
"""
    work = SmallWorkflow(tmp_path, EARLY + count + TEXT, ["forked_jobs"])
    work.write("ours/scripts/make.py", SCRIPT)
    work.run("a", *options)
    assert work.read("children") == str(started)


def test_it_ends_at_once_where_the_run_has_ended():
    """Who reads what a run prints waits for all of its processes."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    command = [sys.executable, "-X", "importtime", "-P", SERVER, str(theirs.fileno()), ROOT / "scripts"]
    with theirs:
        done = subprocess.run(command, pass_fds=[theirs.fileno()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "soundfile" not in done.stderr


def test_what_ends_a_run_waits_until_the_process_allows_it():
    program = "import signal; print(*signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with forked_jobs._without_stops():
        said = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout
    assert {signal.SIGINT, signal.SIGTERM, signal.SIGHUP} <= set(map(int, said.split()))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


@pytest.mark.parametrize("is_told", [False, True])
def test_how_a_job_has_ended_is_heard_of_although_it_has_not_waited_to_begin(is_told):
    ours, theirs = forked_jobs._socketpair()
    with theirs:
        theirs.send(b"4711")
        job = forked_jobs._Job(ours)
        if is_told:
            ours.send(b"go")  # and it is not read
        theirs.send(b"1")
    with contextlib.closing(job):
        assert job.run() == 1
        with pytest.raises(subprocess.SubprocessError, match="was killed: run again"):
            job.run()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)],
)
def test_what_ends_a_run_ends_a_job_that_waits_to_begin(number, status, tmp_path, capfd):
    """It says nothing, and is not started. The process that is forked stays, and says how it ended."""
    (tmp_path / "make.py").write_text("print('begun')")
    server = forked_jobs._Server()
    with contextlib.closing(server.fork(str(tmp_path / "make.py"), None)) as job:
        os.kill(server._process.pid, number)
        while not select.select([job._connection], [], [], 0.05)[0]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(job.pid, number)
        assert job.run() == status
    server._requests.close()
    assert server._process.wait(60) == 0
    assert capfd.readouterr() == ("", "")


INTERRUPTED = """
import contextlib, os, signal
from stemwright.snakemake_patches import forked_jobs

def fork(*args, fork=forked_jobs._server.fork):
    job = fork(*args)
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.kill(job.pid, signal.SIGINT)
    return job

forked_jobs._server.fork = fork
"""


def test_a_job_that_has_ended_before_it_is_measured_fails_as_any_other(tmp_path):
    measured = TEXT.replace("    script", "    benchmark: '{name}.measured'\n    script")
    work = SmallWorkflow(tmp_path, INTERRUPTED + measured, ["forked_jobs"])
    work.write("ours/scripts/make.py", SCRIPT)
    text = work.fails("a").text
    assert "make.py' returned non-zero exit status 1" in text and "process PID not found" not in text


def test_a_job_whose_run_is_killed_before_it_begins_says_nothing(tmp_path, capfd):
    server = forked_jobs._Server()
    (tmp_path / "make.py").write_text("print('begun')")
    job = server.fork(str(tmp_path / "make.py"), None)
    pid = os.pidfd_open(job.pid)
    job.close()
    assert select.select([pid], [], [], 60)[0]  # it ends
    os.close(pid)
    server._requests.close()
    assert server._process.wait(60) == 0
    assert capfd.readouterr() == ("", "")


NO_PROCESS = f"""
import errno, os, runpy
fork, os.fork = os.fork, lambda: none_once()
def none_once():
    os.fork = fork
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
runpy.run_path({str(SERVER)!r}, run_name="__main__")
"""
WHY = "no process could be started for this job (Resource temporarily unavailable): run fewer jobs at once"


def test_a_job_for_which_no_process_can_be_started_fails_and_the_next_one_does_not(tmp_path):
    """Limits of processes do not hold for root: the process that is forked is one whose first `os.fork` fails."""
    use = f"""
from pathlib import Path
from stemwright.snakemake_patches import forked_jobs
forked_jobs._SERVER = Path({str(tmp_path / "server.py")!r})
"""
    work = SmallWorkflow(tmp_path, use + TEXT, ["forked_jobs", "error_text"])
    work.write("server.py", NO_PROCESS)
    work.write("ours/scripts/make.py", SCRIPT)
    run = work.fails("a", "b", "--keep-going", "--cores", "1")
    assert run.text.count(WHY) == 1 and "Traceback" not in run.text
    (made,) = (work / name for name in ("a", "b") if (work / name).exists())
    assert made.read_text().startswith("True")


def test_where_the_process_that_is_forked_cannot_be_started_each_job_says_so(tmp_path, monkeypatch):
    def popen(*_, **__):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    server = forked_jobs._Server()
    with monkeypatch.context() as limited:
        limited.setattr(subprocess, "Popen", popen)
        server.start()
        with pytest.raises(subprocess.SubprocessError, match=re.escape(WHY)):
            server.fork(str(tmp_path / "make.py"), None)
    (tmp_path / "make.py").write_text("")
    with contextlib.closing(server.fork(str(tmp_path / "make.py"), None)) as job:
        assert job.run() == 0
    server._requests.close()
    assert server._process.wait(60) == 0


@pytest.mark.parametrize("leave", ["sys.exit(3)", "os._exit(3)"])
def test_a_failure_is_heard_of_whether_the_job_could_say_so_or_not(tmp_path, leave):
    work = SmallWorkflow(tmp_path, TEXT, ["forked_jobs"])
    work.write("ours/scripts/make.py", f"import os, sys\n{leave}\n")
    assert "non-zero exit status 3" in work.fails("a").text


def test_a_job_says_what_it_says_where_snakemake_s_output_goes_by_then(tmp_path):
    """Both are redirected after the process that is forked has been started."""
    turn = "".join(
        f"    os.dup2(os.open({name!r}, os.O_WRONLY | os.O_CREAT), {number})\n"
        for number, name in enumerate(("said", "complained"), 1)
    )
    work = SmallWorkflow(tmp_path, f"import os\n\nonstart:\n{turn}\n{TEXT}", ["forked_jobs"])
    work.write("ours/scripts/make.py", SCRIPT + "print('hello'); print('alas', file=sys.stderr)\n")
    work.run("a")
    assert work.read("a").startswith("True")
    assert "hello" in work.read("said").splitlines() and "alas" in work.read("complained").splitlines()


def test_what_is_imported_while_no_job_is_asked_for_exists():
    """A module that is not there would only make jobs slower, unnoticed."""
    server = runpy.run_path(str(SERVER))
    names = [*server["_LOADED"], *server["_LATER"]]
    assert len(set(names)) == len(names)
    assert all(importlib.util.find_spec(name) for name in names)
