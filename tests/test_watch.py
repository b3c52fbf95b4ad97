"""The program that builds a file at each save: what it prints, and that nothing of it is left behind."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from workdirs import copy_code

SONG = """
length: 2 s
stems: {a: {source: {tone: {note: A2}}}}
"""
TARGET = "build/song/preview/0s-1s.wav"


@pytest.fixture
def clone(tmp_path):
    copy_code(tmp_path)
    (tmp_path / "songs").mkdir()
    (tmp_path / "config.yaml").write_text("songs: [song]\nsession: {sample_rate: 8000}\nreport: false\n")
    (tmp_path / "songs/song.yaml").write_text(SONG)
    return tmp_path


def start(clone, *words):
    """The program, and a function that gives its next line."""
    command = [sys.executable, str(clone / "scripts/watch.py"), *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=clone, start_new_session=True, **pipes)
    assert process.stdout
    return process, process.stdout.readline


@pytest.mark.long
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_builds_at_each_save_and_ends_in_order(clone, stop):
    song, process = clone / "songs/song.yaml", None
    try:
        process, line = start(clone, TARGET)
        assert line().startswith("http://127.0.0.1:") and f"{TARGET}: built in" in line()
        before = (clone / TARGET).read_bytes()
        song.write_text(SONG.replace("A2", "C9x"))  # a mistake is told, and watching goes on
        assert "Mistake" in line() and "songs/song.yaml:3: stems.a.source.tone.note" in line()
        assert "Nothing was built" in line()
        (clone / "new.yaml").write_text(SONG.replace("A2", "E3"))
        os.replace(clone / "new.yaml", song)
        assert "built in" in line() and (clone / TARGET).read_bytes() != before
        song.write_text(SONG)
        while not list((clone / ".snakemake/locks").glob("*")):  # until that build is at work
            pass
        process.send_signal(stop)
        assert process.wait(60) == 0
        assert not list((clone / ".snakemake/locks").glob("*"))
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    finally:
        with contextlib.suppress(ProcessLookupError, AttributeError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["build/song/song.zip"], "FILE must be a .wav below build/"),
        (["take.wav"], "FILE must be a .wav below build/"),
        (["build/../\x1b[31m.wav"], "FILE must be a .wav below build/"),
        ([TARGET], "there is no config.yaml, or no songs/, here"),
    ],
)
def test_what_cannot_be_watched(tmp_path, words, said):
    program = Path(__file__).parents[1] / "scripts/watch.py"
    run = subprocess.run([sys.executable, program, *words], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 2 and said in run.stderr and "\x1b" not in run.stderr
