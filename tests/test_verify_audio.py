"""verify_audio.py as people run it: a process with files, gates by kind, a table or JSON, and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_signals import sine

from stemwright.gates import AUDIO_STAGES

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "verify_audio.py"
RATE = 16_000
GOOD = sine(-20, 4, 997, rate=RATE) * (1 + 2 * np.exp(-((np.arange(4 * RATE) / 500 - 60) ** 2)))[:, None]
CLIPPED = np.clip(GOOD * 8, -1, 1)


@pytest.fixture
def run(tmp_path):
    """Run the script in a folder of its own: what it did, with `stdout`, `stderr` and `returncode`."""

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, SCRIPT, *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            **options,
        )

    return run


def rows(text):
    """Checks of a table, by name: status, and the rest of the line."""
    lines = text.split("-----\n")[1].split("\n\n")[0].splitlines()
    return {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines if ": " not in line.split("  ")[0]}


def test_a_good_file_passes_as_a_master(tmp_path, run):
    sf.write(tmp_path / "a.wav", GOOD, RATE, "PCM_24")
    done = run("a.wav", "--gates", "master")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("a.wav: passed\n\ncheck ")
    checks = rows(done.stdout)
    assert {"container", "loudness", "momentary", "true_peak", "plr", "clipping"} <= set(checks)
    for gate, why in (("format", "a planned format"), ("frames", "a timeline")):
        status, rest = checks[gate]
        assert (status, rest.split()[0]) == ("skip", "-")
        assert rest.endswith(f" needs {why}, but this file belongs to no song")
    assert checks["loudness"][0] == "skip" and "no loudness target is set" in checks["loudness"][1]


@pytest.mark.parametrize("kind", AUDIO_STAGES)
def test_every_kind_of_gates_runs_without_a_song(tmp_path, run, kind):
    sf.write(tmp_path / "a.wav", GOOD, RATE, "FLOAT")
    done = run("a.wav", "--gates", kind)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bad_file_is_refused_and_the_others_are_told_too(tmp_path, run):
    sf.write(tmp_path / "good.flac", GOOD, RATE, "PCM_24")
    sf.write(tmp_path / "bad.wav", CLIPPED, RATE, "PCM_24")
    done = run("bad.wav", "good.flac", "--gates", "delivered")
    assert (done.returncode, done.stderr) == (1, "")
    bad, good = done.stdout.split("good.flac: ")
    assert bad.startswith("bad.wav: REFUSED") and good.startswith("passed")
    assert rows(bad)["clipping"][0] == rows(bad)["true_peak"][0] == "FAIL"
    assert "clipping: the longest run has" in bad


def test_json(tmp_path, run):
    sf.write(tmp_path / "good.wav", GOOD, RATE, "FLOAT")
    sf.write(tmp_path / "bad.wav", GOOD * np.nan, RATE, "FLOAT")
    done = run("good.wav", "bad.wav", "--gates", "mix", "--json")
    assert done.returncode == 1
    good, bad = json.loads(done.stdout)
    assert (good["artifact"], good["kind"], good["passed"], bad["passed"]) == ("good.wav", "mix", True, False)
    assert good["format"] == {"sample_rate": RATE, "channels": 2, "subtype": "FLOAT", "frames": 4 * RATE}
    assert len(good["sha256"]) == 64
    statuses = {check["id"]: check["status"] for check in bad["checks"]}
    assert statuses["finite"] == "fail" and statuses["plr"] == "warn"


def test_integer_samples_may_be_clipped_whatever_they_are(tmp_path, run):
    sf.write(tmp_path / "int.wav", CLIPPED, RATE, "PCM_16")
    sf.write(tmp_path / "float.wav", CLIPPED, RATE, "FLOAT")
    done = run("int.wav", "--gates", "stem")
    assert done.returncode == 1 and rows(done.stdout)["clipping"][0] == "FAIL"
    assert "true_peak" not in rows(done.stdout)
    done = run("float.wav", "--gates", "stem")
    assert done.returncode == 0 and "clipping" not in rows(done.stdout)


@pytest.mark.parametrize("ending", ["caf", "w64", "au", "ogg", "mp3", "aiff", "rf64", "flac"])
def test_whatever_libsndfile_reads(tmp_path, run, ending):
    form = {"container": "OGG", "aiff": "AIFF"}.get(ending, ending.upper())
    sf.write(tmp_path / f"a.{ending}", GOOD[:, :1], RATE, format=form)
    done = run(f"a.{ending}", "--gates", "stem")
    assert (done.returncode, done.stderr) == (0, "")
    unknown = ending == "au"
    assert rows(done.stdout)["container"][0] == ("skip" if unknown else "pass")


def test_a_file_that_is_cut_off_is_refused(tmp_path, run):
    for name in ("a.wav", "a.flac"):
        sf.write(tmp_path / name, GOOD, RATE, "PCM_24")
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        done = run(name, "--gates", "stem")
        assert done.returncode == 1 and "FAIL" in done.stdout and "Traceback" not in done.stderr
        assert "delete" not in done.stdout  # what is not ours cannot be made again


def test_what_is_no_audio_is_told_in_a_line(tmp_path, run):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.wav").write_text("not sound at all")
    (tmp_path / "empty.wav").touch()
    os.mkfifo(tmp_path / "fifo.wav")
    sf.write(tmp_path / "many.wav", np.zeros((100, 6)), RATE)
    sf.write(tmp_path / "good.wav", GOOD, RATE)
    told = {
        "folder": "is a folder, expected an audio file",
        "missing.wav": "cannot be read: No such file or directory",
        "text.wav": "is not WAV, RF64, BW64, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC or M4A",
        "empty.wav": "is empty, expected an audio file",
        "fifo.wav": "is not a regular file, expected an audio file",
        "many.wav": "has 6 channels; expected 1 or 2. Mix it down first",
    }
    done = run(*told, "good.wav", "--gates", "stem", timeout=60)
    assert done.returncode == 2
    assert "good.wav: passed" in done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == len(told)
    for (name, what), line in zip(told.items(), lines, strict=True):
        assert line.startswith(f"{name}: ") and what in line


@pytest.mark.parametrize(
    "arguments", [(), ("a.wav",), ("a.wav", "--gates", "stems"), ("--gates", "stem"), ("a", "-x")]
)
def test_misuse(run, arguments):
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == "" and "usage: " in done.stderr


def test_help(run):
    done = run("--help")
    assert done.returncode == 0 and "Exit codes: 0" in done.stdout.replace("\n", " ")


def test_a_name_that_is_not_utf_8(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff.wav"
    sf.write(tmp_path / "a.wav", GOOD, RATE)
    os.rename(tmp_path / "a.wav", path)
    for more in ([], ["--json"]):
        done = subprocess.run([sys.executable, SCRIPT, path, "--gates", "stem", *more], capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")


def test_it_can_be_piped_into_head(tmp_path):
    sf.write(tmp_path / "a.wav", GOOD, RATE)
    command = f"{sys.executable} {SCRIPT} {tmp_path}/a.wav {tmp_path}/a.wav --gates stem | true"
    assert subprocess.run(command, shell=True, capture_output=True).stderr == b""


NASTY = ["\x1b[31mred.wav", "\x9b2Jc1.wav", "a.wav: passed\nb.wav", "gpj.\u202evaw.wav", "\udcfe.wav"]


def test_a_file_name_cannot_do_anything_to_a_terminal(tmp_path, run):
    """Controls, bidirectional overrides and line breaks in names of good, bad and missing files are escaped."""
    for name in NASTY:
        sf.write(tmp_path / "x.wav", GOOD[:RATE], RATE, "PCM_24")
        os.rename(tmp_path / "x.wav", tmp_path / name)
        (tmp_path / f"bad {name}").write_bytes(b"no audio")
    names = [*NASTY, *(f"{how} {name}" for how in ("bad", "missing") for name in NASTY)]
    table, data, option = (
        run(*names, "--gates", "reference", *more) for more in ((), ("--json",), ("--\x1b",))
    )
    for text in (part for done in (table, data, option) for part in (done.stdout, done.stderr)):
        lines = text.split("\n")
        assert all(map(str.isprintable, lines)) and not any(line.startswith("b.wav") for line in lines)
        assert "Traceback" not in text
    assert r"\x1b[31mred.wav: passed" in table.stdout and r"a.wav: passed\nb.wav: passed" in table.stdout
    assert r"bad a.wav: passed\nb.wav: is not" in table.stderr
    assert [record["artifact"] for record in json.loads(data.stdout)] == NASTY
