"""verify_audio.py as people run it: a process with files, gates by kind, a table or JSON, and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import soxr
from audio_signals import sine

import verify_audio
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
    assert done.stdout.startswith(
        "a.wav: passed\n16,000 Hz, stereo, PCM_24, 4.000 s (64,000 frames)\n\ncheck "
    )
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


@pytest.mark.parametrize("ending", ["caf", "w64", "ogg", "mp3", "aiff", "rf64", "flac"])
def test_whatever_a_build_reads(tmp_path, run, ending):
    form = {"container": "OGG", "aiff": "AIFF"}.get(ending, ending.upper())
    sf.write(tmp_path / f"a.{ending}", GOOD[:, :1], RATE, format=form)
    done = run(f"a.{ending}", "--gates", "stem")
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(done.stdout)["container"][0] == "pass"


def spoiled(folder, name, at, content):
    """A stereo file of that format, with the bytes at `at` behind its mark, or all from there on, replaced."""
    sf.write(folder / name, GOOD[:RATE], RATE, format=name.rpartition(".")[2].upper())
    whole = (folder / name).read_bytes()
    mark, offset = at
    place = whole.index(mark) + offset
    after = whole[place + len(content) :] if content else b""
    (folder / name).write_bytes(whole[:place] + content + after)


def test_headers_that_no_sound_can_have(tmp_path, run):
    """All in our words, whatever libsndfile and ffmpeg say of them. Offsets are those of the formats' definitions."""
    form, comm, desc = (b"fmt ", 8), (b"COMM", 8), (b"desc", 12)
    hertz = "a sample rate of 0 Hz; expected 4,000 to 384,000"
    told = {
        "rate.wav": (form[0], 8 + 4, bytes(4), hertz),
        "rate.w64": (form[0], 24 + 4, bytes(4), hertz),
        "rate.aiff": (comm[0], 8 + 8, bytes(10), hertz),
        "rate.caf": (desc[0], 12, bytes(8), hertz),
        "rate.flac": (b"fLaC", 18, b"\0\0\x02", hertz),
        "channels.wav": (form[0], 8 + 2, bytes(2), "has no channels; expected 1 or 2"),
        "channels.w64": (form[0], 24 + 2, bytes(2), "has no channels; expected 1 or 2"),
        "channels.aiff": (comm[0], 8, bytes(2), "has no channels; expected 1 or 2"),
        "channels.caf": (desc[0], 12 + 24, bytes(4), "has no channels; expected 1 or 2"),
        "data.wav": (b"data", 0, b"", "it has no audio data chunk"),
        "data.w64": (b"data", 0, b"", "it has no audio data chunk"),
        "data.aiff": (b"SSND", 0, b"", "it has no audio data chunk"),
        "data.caf": (b"data", 0, b"", "it has no audio data chunk"),
        "tag.wav": (form[0], 8, b"\x99\x09", "cannot be opened as WAV: libsndfile says "),
        "bits.wav": (form[0], 8 + 14, bytes(2), "cannot be opened as WAV: libsndfile says "),
    }
    for name, (mark, offset, content, _) in told.items():
        spoiled(tmp_path, name, (mark, offset), content)
    for name in ("a.au", "a.svx", "a.voc"):
        sf.write(tmp_path / name, GOOD[:RATE, :1], RATE, "PCM_16", format=name[2:].upper())
        told[name] = (b"", 0, b"", "is not WAV, RF64, BW64, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC or M4A")
    done = run(*told, "--gates", "stem")
    assert (done.returncode, done.stdout) == (2, "")
    for (name, (*_, what)), line in zip(told.items(), done.stderr.splitlines(), strict=True):
        assert line.startswith(f"{name}: ") and what in line
        assert "Error" not in line or "libsndfile says" in line


def test_libraries_do_not_print(tmp_path, run):
    """libmpg123 warns of a Xing header with another size, and where it has lost step; gates say what is wrong."""
    sf.write(tmp_path / "a.mp3", GOOD, RATE, format="MP3")
    whole = (tmp_path / "a.mp3").read_bytes()
    (tmp_path / "cut.mp3").write_bytes(whole[: len(whole) // 2])
    half = len(whole) // 2
    (tmp_path / "hole.mp3").write_bytes(whole[:half] + bytes(200) + whole[half + 200 :])
    done = run("cut.mp3", "hole.mp3", "no.wav", "--gates", "stem")
    assert done.returncode == 2 and done.stderr == "no.wav: cannot be read: No such file or directory\n"
    assert done.stdout.count("REFUSED") == 2


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


@pytest.mark.parametrize("level, code, status", [(-23, 0, "pass"), (-20, 1, "FAIL")])
def test_a_preset_as_target(tmp_path, run, level, code, status):
    """Tech 3341, case 1: a sine at -23 dBFS in both channels has -23 LUFS."""
    sf.write(tmp_path / "a.wav", sine(level, 4, 1_000, rate=RATE), RATE, "FLOAT")
    done = run("a.wav", "--gates", "master", "--target", "ebu-r128")
    assert done.returncode == code and done.stderr == ""
    assert rows(done.stdout)["loudness"][0] == status and "-23 ±0.2 (ebu-r128)" in done.stdout
    done = run("a.wav", "--gates", "stem", "--target", "ebu-r128")
    assert done.returncode == 2 and "--target needs --gates master or delivered" in done.stderr


def test_a_reference_is_judged_with_its_source_as_in_a_build(tmp_path, run):
    """A recording at 24 kHz that was brought to 48 kHz ends at 12 kHz: no lossy codec did that."""
    noise = np.random.default_rng(0).normal(0, 0.1, (4 * 24_000, 2))
    sf.write(tmp_path / "source.wav", noise, 24_000, "FLOAT")
    sf.write(tmp_path / "a.wav", soxr.resample(noise, 24_000, 48_000), 48_000, "FLOAT")
    found = {}
    for source in ([], ["--source", "source.wav"]):
        found[len(source)] = rows(run("a.wav", "--gates", "reference", *source).stdout)["bandwidth"][0]
    assert found == {0: "warn", 2: "pass"}


def test_a_mix_is_compared_with_a_song(tmp_path, run):
    noise = np.random.default_rng(0).normal(0, 0.1, (24_000, 2))
    sf.write(tmp_path / "a.wav", noise, 8_000, "FLOAT")
    sf.write(tmp_path / "song.wav", noise * [1, -1], 8_000, "FLOAT")
    sf.write(tmp_path / "wide.wav", noise @ [[1, -0.9], [-0.9, 1]], 8_000, "FLOAT")
    found = {}
    for song in ("song.wav", "wide.wav"):
        table = rows(run("a.wav", "--gates", "mix", "--compare", song).stdout)
        found[song] = [table[f"compare.{check}"][0] for check in ("1000_hz", "width")]
    assert found == {"song.wav": ["pass", "pass"], "wide.wav": ["pass", "warn"]}
    assert rows(run("a.wav", "--gates", "mix").stdout)["compare"][0] == "skip"
    refused = run("a.wav", "--gates", "stem", "--compare", "song.wav")
    assert refused.returncode == 2 and "--compare needs --gates mix or master" in refused.stderr
    missing = run("a.wav", "--gates", "mix", "--compare", "none.wav")
    assert rows(missing.stdout)["compare"][0] == "warn" and "none.wav" in missing.stdout


@pytest.mark.parametrize("kind", AUDIO_STAGES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("where", [3_000, slice(None)], ids=["one sample", "all samples"])
def test_what_is_not_finite_passes_no_gate_that_measures_it(
    tmp_path, capsys, monkeypatch, kind, bad, channels, where
):
    """Nor does it make a traceback, a warning of NumPy or what JSON cannot hold (RFC 8259, 6)."""
    samples = 0.2 * np.random.default_rng(0).standard_normal((8_000, channels))
    samples[where] = bad
    sf.write(tmp_path / "a.wav", samples, 8_000, "DOUBLE")
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert verify_audio.main([str(tmp_path / "a.wav"), "--gates", kind, "--json"]) == 1
    (record,) = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    passed = {check["id"] for check in record["checks"] if check["status"] == "pass"}
    # Its other samples are not silent; its format is not lossy, and has more than 8 bits.
    assert passed <= {"container", "silence", "imports.lossless", "imports.bits"}
