"""master_file.py: its file as ffmpeg measures it, what it says it did, and all that it refuses without writing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_signals import music

import master_file

SCRIPT = Path(master_file.__file__)
RATE = 16_000
SOUND = music(RATE, 2)[: 2 * RATE] * 0.2
CHORD = (
    0.05
    * sum(np.sin(2 * np.pi * f / RATE * np.arange(3 * RATE)) for f in (196, 247, 294, 784))[:, None]
    * [1, 0.8]
)


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Run the program in a folder of its own: its exit code, what it printed, and what it said of mistakes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def run(*arguments):
        try:
            code = master_file.main(list(map(str, arguments)))
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


def heard(needs, path):
    """(integrated loudness in LUFS, true peak in dBTP) as ffmpeg measures them."""
    said = subprocess.run(
        [
            needs("ffmpeg"),
            "-nostdin",
            "-hide_banner",
            "-i",
            path,
            "-af",
            "ebur128=peak=true",
            "-f",
            "null",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr.rpartition("Summary:")[2]
    return tuple(float(re.search(rf"{mark}:\s+(\S+)", said)[1]) for mark in ("I", "Peak"))


@pytest.mark.parametrize(
    "name, target, lufs, ceiling, out",
    [
        ("a.wav", "-12", -12, -1, "out.flac"),
        ("a.mp3", "ebu-r128", -23, -1, "out.wav"),
        ("a.ogg", "amazon-music", -14, -2, "out.wav"),
    ],
)
def test_the_target_is_met_as_ffmpeg_measures(needs, run, tmp_path, name, target, lufs, ceiling, out):
    sf.write(tmp_path / name, SOUND, RATE)
    code, text, _ = run(name, f"--target={target}", "--out", out)
    assert code == 0, text
    loudness, peak = heard(needs, tmp_path / out)
    assert loudness == pytest.approx(lufs, abs=0.15)
    assert peak <= ceiling + 0.1
    assert len(sf.read(tmp_path / out)[0]) == len(SOUND)


def test_it_says_what_it_did(run, tmp_path):
    """One peak of 40 ms rises above the ceiling: the gain, and for how long and how far it is reduced, are known."""
    tone = 0.05 * np.sin(2 * np.pi * 997 / RATE * np.arange(4 * RATE))
    tone[2 * RATE : 2 * RATE + RATE // 25] *= 4
    sf.write(tmp_path / "a.wav", np.repeat(tone[:, None], 2, axis=1), RATE, "FLOAT")
    code, text, _ = run("a.wav", "--target=-14", "--out", "out.wav", "--ceiling=-6", "--json")
    said = json.loads(text)
    assert (code, said["written"], said["missed"]) == (0, True, "")
    assert -14.1 < said["before"]["integrated_lufs"] + said["gain_db"] < -13  # the limiter takes some of it
    loud = np.abs(tone) > 0.02  # there, the gain can be read from what was written
    gains = sf.read(tmp_path / "out.wav")[0][loud, 0] / tone[loud] * 10 ** (-said["gain_db"] / 20)
    assert said["gain_reduction"]["max_db"] == pytest.approx(-20 * np.log10(gains.min()), abs=0.02)
    assert said["gain_reduction"]["share"] == pytest.approx(np.mean(gains < 10 ** (-0.1 / 20)), abs=0.01)
    assert 3 < said["gain_reduction"]["max_db"] < 6 and 0.01 < said["gain_reduction"]["share"] < 0.5
    assert -6.2 < said["after"]["true_peak_dbtp"] <= -6
    assert said["format"] == {"sample_rate": RATE, "channels": 2, "subtype": "PCM_24", "frames": 4 * RATE}


def test_a_lossy_file_with_tags_is_below_the_ceiling_when_others_decode_it(needs, run, tmp_path):
    hiss = np.diff(
        np.random.default_rng(1).normal(0, 0.03, (48_000, 2)), axis=0
    )  # most of it is too high for the codec
    sf.write(tmp_path / "a.wav", hiss, 48_000)
    title = 'He said "\u202eno" ✓'
    tags = ["--title", 'He said "no" ✓', "--isrc", "GB-AYE-06-01498", "--track", "3/10"]
    code, text, _ = run("a.wav", "--target=-12", "--out", "c.mp3", "--bitrate", 64)
    assert code == 1 and "the master has -12.0" in text and "choose a higher bit rate" in text
    sf.write(tmp_path / "a.wav", CHORD, RATE)
    code, text, _ = run("a.wav", "--target=-12", "--out", "b.mp3", "--bitrate", 64, *tags)
    assert code == 0, text
    assert heard(needs, tmp_path / "b.mp3")[1] <= -0.9
    said = subprocess.run(
        [needs("ffprobe"), "-v", "error", "-of", "json", "-show_entries", "format_tags", tmp_path / "b.mp3"],
        capture_output=True,
        check=True,
    ).stdout
    found = json.loads(said)["format"]["tags"]
    assert found == {"title": 'He said "no" ✓', "track": "3/10", "TSRC": "GBAYE0601498"}
    assert run("a.wav", "--target=-12", "--out", "d.mp3", "--bitrate", 64, "--title", title)[0] == 2


def test_what_a_codec_adds_to_peaks_is_turned_down(run, tmp_path):
    sf.write(tmp_path / "a.wav", SOUND, RATE)
    arguments = ("--target=-10", "--ceiling=-3", "--bitrate", 48, "--out", "b.mp3", "--json")
    said = json.loads(run("a.wav", *arguments)[1])
    assert said["turned_down_db"] > 0
    assert said["after"]["true_peak_dbtp"] <= -3


def test_mono_as_from_two_loudspeakers(run, tmp_path):
    sf.write(tmp_path / "a.wav", SOUND[:, 0], RATE)
    arguments = ("a.wav", "--target=-20", "--json", "--out")
    one = json.loads(run(*arguments, "b.wav")[1])
    two = json.loads(run(*arguments, "c.wav", "--dual-mono")[1])
    assert two["before"]["integrated_lufs"] - one["before"]["integrated_lufs"] == pytest.approx(
        3.01, abs=0.01
    )
    assert one["gain_db"] - two["gain_db"] == pytest.approx(3.01, abs=0.1)


def test_another_rate_and_sample_format(run, tmp_path):
    sf.write(tmp_path / "a.aiff", SOUND[:, 0], RATE)
    code, text, _ = run("a.aiff", "--target=-20", "--out", "b.wav", "--rate", 8_000, "--subtype", "PCM_16")
    info = sf.info(tmp_path / "b.wav")
    assert (code, info.samplerate, info.channels, info.subtype) == (0, 8_000, 1, "PCM_16"), text
    assert info.frames == len(SOUND) // 2


@pytest.mark.parametrize(
    "level, arguments, said",
    [
        (1, ["--target=-1"], "LU too quiet: the limiter lets no gain bring it closer than"),
        (1e-4, ["--target=-3"], "LU too quiet: even the greatest gain, 60 dB, is too little"),
        (0, ["--target=tidal"], "the file is silent: no gain makes it louder"),
        (1, ["--target=acx"], "noise_floor"),
    ],
)
def test_what_cannot_be_met_is_refused_with_figures_and_nothing_is_written(
    run, tmp_path, level, arguments, said
):
    sf.write(tmp_path / "a.wav", SOUND * level, RATE, "FLOAT")
    (tmp_path / "out.wav").write_bytes(b"mine")
    code, text, _ = run("a.wav", *arguments, "--out", "out.wav", "--overwrite")
    assert (code, said in text, "REFUSED, and not written" in text) == (1, True, True), text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "out.wav"]
    assert (tmp_path / "out.wav").read_bytes() == b"mine"
    assert run("a.wav", *arguments, "--out", "b.wav", "--json")[0] == 1  # plain numbers, also of silence


def test_a_target_it_names_can_be_met(run, tmp_path):
    sf.write(tmp_path / "a.wav", SOUND, RATE)
    _, text, _ = run("a.wav", "--target=-1", "--out", "b.wav")
    reached = re.search(r"such as (-[\d.]+)", text)[1]
    assert run("a.wav", f"--target={reached}", "--out", "b.wav")[0] == 0


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["a.wav", "--target", "ebu-r12", "--out", "b.wav"], "did you mean ebu-r128"),
        (["a.wav", "--target", "3", "--out", "b.wav"], "from -60 to 0 LUFS"),
        (["a.wav", "--target=-14", "--out", "b.doc"], "must end in one of"),
        (
            ["a.wav", "--target=-14", "--out", "b.flac", "--subtype", "FLOAT"],
            "--subtype: must be PCM_16 or PCM_24",
        ),
        (["a.wav", "--target=-14", "--out", "b.mp3"], "--format: MP3 needs a bit rate"),
        (["a.wav", "--target=-14", "--out", "b.mp3"], "or --quality (0 to 10)"),
        (["a.wav", "--target=-14", "--out", "b.mp3", "--subtype", "PCM_16"], "leave it out (is PCM_16)"),
        (["a.wav", "--target=-14", "--out", "b.wav", "--format", "MP3"], "--out must end in .mp3"),
        (["a.wav", "--target=-14", "--out", "b.wav", "--isrc", "X"], "must be an ISRC"),
        (["a.wav", "--target=-14", "--out", "b.mp3", "--genre", "(17)Rock"], "code of ID3"),
        (["a.wav", "--target=-14", "--out", "there.wav"], "there.wav exists"),
        (["a.wav", "--target=-14", "--out", "a.wav", "--overwrite"], "FILE itself"),
        (["no.wav", "--target=-14", "--out", "b.wav"], "no.wav"),
        (["there.wav", "--target=-14", "--out", "b.wav"], "there.wav"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(run, tmp_path, arguments, said):
    sf.write(tmp_path / "a.wav", SOUND[:100], RATE)
    (tmp_path / "there.wav").write_bytes(b"no sound")
    code, text, mistake = run(*arguments)
    assert (code, text) == (2, "") and said in mistake and "Traceback" not in mistake
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "there.wav"]


def test_as_a_process_with_a_hostile_name(tmp_path):
    name = "a\x1b]0;x\x07.wav"
    sf.write(tmp_path / name, SOUND, RATE)
    done = subprocess.run(
        [sys.executable, SCRIPT, name, "--target", "-20", "--out", "b\n.wav"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr, (tmp_path / "b\n.wav").exists()) == (0, "", True)
    assert done.stdout.startswith(r"a\x1b]0;x\x07.wav: mastered to b\n.wav: written")
