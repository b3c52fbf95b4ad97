"""Jobs are forks of one process that has imported what they need: each on its own all the same, and heard of."""

import os
import signal
import subprocess
import time

import psutil
import pytest
from snakemake_forks import SNAKEMAKE
from workdirs import copy_code

BASS = "build/tune/stems/bass.wav"


@pytest.fixture
def work(workdir, tmp_path):
    """A built song, and code of its own, to be changed."""
    workdir.code = copy_code(tmp_path / "code")
    workdir.edit("stems", "bass", "source", "tone", "note", value="B2")
    return workdir


def at_the_end_of(work, script, *lines):
    path = work.code / "scripts" / script
    path.write_text("\n".join([path.read_text(encoding="utf-8"), "import os, sys, time", *lines, ""]))


def last_words(work, artifact):
    return (work / f"logs/{artifact.removeprefix('build/')}.log").read_text(encoding="utf-8").split()


def test_jobs_are_forks_of_one_process_and_share_nothing(work):
    told = "print(os.getppid(), 'numpy' in sys.modules, os.environ.get('SEEN')); os.environ['SEEN'] = 'yes'"
    for script in ("render_stem.py", "process_stem.py"):
        at_the_end_of(work, script, told)
    work.snakemake(
        "build/tune/processed/bass.wav", "build/tune/processed/drums.wav", "--forcerun", "render_stem"
    )
    said = [last_words(work, f"build/tune/{kind}/{stem}.wav")[-3:]
            for kind in ("stems", "processed") for stem in ("bass", "drums")]  # fmt: skip
    assert len({words[0] for words in said}) == 1
    assert all(words[1:] == ["True", "None"] for words in said)


@pytest.mark.parametrize(
    "line, heard",
    [
        ("os.kill(os.getpid(), 9)", "died with <Signals.SIGKILL: 9>"),
        pytest.param("sys.exit(3)", "non-zero exit status 3", marks=pytest.mark.long),
        pytest.param("sys.exit('in a word')", "in a word", marks=pytest.mark.long),
        pytest.param("raise MemoryError", "MemoryError", marks=pytest.mark.long),
    ],
)
def test_a_job_that_fails_is_heard_of(work, line, heard):
    script = work.code / "scripts/render_stem.py"
    text = script.read_text(encoding="utf-8")
    at_the_end_of(work, "render_stem.py", line)
    run = work.try_snakemake(BASS)
    assert run.code != 0 and heard in run.text
    assert not (work / BASS).exists()
    script.write_text(text, encoding="utf-8")
    assert work.snakemake(BASS).jobs == ["render bass"]


def test_if_the_process_that_is_forked_dies_its_jobs_die_and_the_next_run_finishes(work):
    script = work.code / "scripts/render_stem.py"
    text = script.read_text(encoding="utf-8")
    at_the_end_of(work, "render_stem.py", "open('here', 'w').close()", "time.sleep(60)")
    command = [SNAKEMAKE, "-s", work.code / "Snakefile", "--cores", "2", BASS]
    run = subprocess.Popen(
        command, cwd=work.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while not (work / "here").exists() and run.poll() is None:
        time.sleep(0.05)
    (server,) = psutil.Process(run.pid).children()
    (job,) = server.children()
    os.kill(server.pid, signal.SIGKILL)
    said, _ = run.communicate(timeout=30)
    assert run.returncode != 0 and "the process that starts jobs" in said and "run again" in said
    assert not psutil.pid_exists(job.pid) or job.status() == psutil.STATUS_ZOMBIE
    script.write_text(text, encoding="utf-8")
    assert work.snakemake(BASS).jobs == ["render bass"]


def test_a_rule_of_another_workflow_starts_as_ever(work):
    (work / "scripts").mkdir()
    (work / "scripts/theirs.py").write_text(
        "import os\nopen(snakemake.output[0], 'w').write(str(os.getppid()))\n"
    )
    work.write(
        "Snakefile",
        f"""
module song:
    snakefile: "{work.code}/Snakefile"
    config: {{"songs": ["tune"], "session": {{"sample_rate": 8000}}}}

use rule * from song

rule theirs:
    input: "{BASS}"
    output: "theirs.txt"
    script: "scripts/theirs.py"
""",
    )
    at_the_end_of(work, "render_stem.py", "print(os.getppid())")
    done = subprocess.run(
        [SNAKEMAKE, "--cores", "2", "theirs.txt", "--workflow-profile", work.code / "profiles/default"],
        cwd=work.path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (work / "theirs.txt").read_text() != last_words(work, BASS)[-1]
