"""The program that starts songs."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from new_song import main

PROGRAM = Path(__file__).parents[1] / "scripts" / "new_song.py"
HOSTILE = ["x", "--title", "\x1b[2J", "--bpm", "fast", "--key", "H"]


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "song: must be the name of the new song"),
        (["../x"], "song: must be letters, digits, - and _ only"),
        (["con"], "song: is a name that some systems reserve for a device"),
        (HOSTILE, "title: must be text without control characters"),
        (["x", "--audio", "nowhere\u202e"], "audio: must be text without control characters"),
        (["x", "--audio", "nowhere\u200b"], "audio: nowhere\\u200b: there is no such folder"),
    ],
)
def test_hostile_and_wrong_answers(tmp_path, monkeypatch, capfd, arguments, says):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(arguments) == 2
    said = capfd.readouterr().err
    assert says in said and "Traceback" not in said and said.rstrip("\n").replace("\n", "").isprintable()
    assert list(tmp_path.iterdir()) == []


def test_it_asks_on_a_terminal(tmp_path):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, PROGRAM], cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.write(ours, b"night-bus\n\n\nhouse\n\nC minor\n")
        assert process.wait(timeout=60) == 0
    song = yaml.safe_load((tmp_path / "songs/night-bus.yaml").read_text())
    assert (song["title"], song["bpm"], song["key"]) == ("Night Bus", 122, "C minor")
    os.close(ours), os.close(theirs)
