"""verify_delivery.py as people run it: a folder or zip, a report, JSON, JUnit and an exit code."""

from __future__ import annotations

import json
import os
import resource
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile as sf
from exports import RATE, export, stems

import verify_delivery

HOSTILE = "Song_\x1b[2J<&\"'>\n.wav"


@pytest.fixture
def run(capsys):
    """Run the program: (exit code, what it printed, its errors)."""

    def run(*arguments):
        try:
            code = verify_delivery.main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = stopped.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_an_export_that_is_well(run, tmp_path):
    folder = export(tmp_path / "x", stems())
    (folder / "notes.txt").write_text("for you")
    code, said, errors = run(folder, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
    assert (code, errors) == (0, "")
    assert "Song_mix.wav     mix      8,000 Hz, stereo, WAV PCM_24, 20,000 frames" in said
    assert "4 stems add up to Song_mix.wav" in said
    assert "not judged: notes.txt" in said
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["schema_version"], report["passed"], report["other_files"]) == (1, True, ["notes.txt"])
    assert {file["name"]: file["role"] for file in report["files"]}["Song_mix.wav"] == "mix"
    assert not [check for check in report["checks"] if check["status"] == "fail"]


def test_a_refused_zip_says_the_same_in_json_and_junit(run, tmp_path):
    parts = stems()
    late = np.pad(parts["bass"], ((1086, 0), (0, 0)))[: len(parts["bass"])]
    folder = export(tmp_path / "x", {**parts, "bass": late}, sum(parts.values()))
    sf.write(folder / HOSTILE, np.zeros((20_000, 2)), RATE, "PCM_24")
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path in folder.iterdir():
            file.write(path, path.name.replace("\n", "").replace("\x1b", "").replace("[2J", ""))
    for source in (folder, tmp_path / "x.zip"):
        code, said, _ = run(source, "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml")
        assert code == 1
        assert "\x1b" not in said
        assert ("zip_name" in said) == (source != folder)  # <, & and the like: no name on Windows
        assert "REFUSED  Song_bass.wav: sum.late: 1,086 samples; expected as in the mix" in said
        checks = json.loads((tmp_path / "r.json").read_text())["checks"]
        (found,) = [check for check in checks if check["id"] == "sum.late"]
        assert (found["file"], found["measured"], found["unit"]) == ("Song_bass.wav", 1086, "samples")
        assert "atrim=start_sample=1086" in found["command"]
        suites = ElementTree.parse(tmp_path / "r.xml").getroot()
        cases = suites.findall("testsuite/testcase")
        assert len(cases) == len(checks) == sum(int(suite.get("tests")) for suite in suites)
        failed = {
            (case.get("classname"), case.get("name")) for case in cases if case.find("failure") is not None
        }
        assert failed == {(c["file"] or "delivery", c["id"]) for c in checks if c["status"] == "fail"}
        assert ("Song_bass.wav", "sum.late") in failed


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere: there is no such folder or zip"),
        (["."], "has no sound file (it is empty)"),
        ([".", "--names", "{stem"], "--names {stem: expected"),
        ([".", "--preset", "spotfy"], "did you mean spotify?"),
        ([".", "--names", "{tittle}"], "did you mean title?"),
        ([".", "--mix", "no.wav"], "has no sound file"),
        ([], "required: FOLDER|ZIP"),
    ],
)
def test_what_cannot_be_judged(arguments, says, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, said, errors = run(*arguments)
    assert (code, said) == (2, "")
    assert says in errors
    assert "Traceback" not in errors


def test_what_is_no_sound_is_refused_by_name(run, tmp_path):
    (tmp_path / "bass.wav").write_text("not a sound")
    sf.write(tmp_path / "keys.mp3", stems()["keys"], RATE, "PCM_24", format="WAV")
    code, said, _ = run(tmp_path)
    assert code == 1
    assert "REFUSED  bass.wav: readable: no; expected yes" in said
    assert "REFUSED  keys.mp3: true_format: WAV; expected a name that ends in .wav" in said


def test_a_file_with_more_than_it_declares_is_refused_and_the_others_are_judged(run, tmp_path):
    folder = export(tmp_path / "x", stems())
    with (folder / "Song_keys.wav").open("ab") as file:
        file.write(b"\1" * 999)
    code, said, errors = run(folder)
    assert (code, errors) == (1, "")
    assert "REFUSED  Song_keys.wav: container" in said
    assert "4 stems add up to Song_mix.wav" in said


def test_a_damaged_end_is_refused_and_the_others_are_judged(run, tmp_path):
    parts = stems()
    for index, name in enumerate(parts):  # of lengths that differ: their ends are looked at
        sf.write(tmp_path / f"{name}.flac", parts[name][: 20_000 - 500 * index], RATE, "PCM_24")
    data = bytearray((tmp_path / "drums.flac").read_bytes())
    data[-2_000:] = bytes(2_000)
    (tmp_path / "drums.flac").write_bytes(data)
    code, said, errors = run(tmp_path)
    assert (code, errors) == (1, "")
    assert "REFUSED  drums.flac: readable" in said


def test_more_files_than_may_be_open(run, tmp_path):
    parts = {f"{name}{number}": sound / 5 for name, sound in stems().items() for number in range(5)}
    folder = export(tmp_path / "x", parts)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + 20, limits[1]))
    try:
        _, said, errors = run(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert errors == ""
    assert "20 stems add up to Song_mix.wav" in said


def test_a_mix_from_elsewhere(run, tmp_path):
    folder = export(tmp_path / "x", stems())
    (folder / "Song_mix.wav").rename(tmp_path / "rough 9.wav")
    code, said, _ = run(folder, "--mix", tmp_path / "rough 9.wav")
    assert code == 0
    assert "4 stems add up to" in said
    code, _, errors = run(folder, "--mix", "no.wav")
    assert code == 2
    assert "--mix no.wav: there is no such file" in errors


def test_a_16_bit_recording_in_24_bits_is_reported(run, tmp_path):
    parts = stems()
    parts["keys"] = np.round(parts["keys"] * 2**15) / 2**15
    code, said, _ = run(export(tmp_path / "x", parts))
    assert code == 0
    assert "warn     Song_keys.wav: padded_bits: 16 bits; expected > 16 in a file of 24" in said


def test_acx_names_each_end_once_and_one_command_mends_both(run, tmp_path):
    tone = 0.1 * np.sin(np.arange(44_100) / 20)
    tone[20_000:26_000] = 0
    sf.write(
        tmp_path / "chapter.mp3", tone, 44_100, format="MP3", bitrate_mode="CONSTANT", compression_level=0.0
    )
    code, said, _ = run(tmp_path, "--preset", "acx")
    commands = [line for line in said.splitlines() if "adelay=" in line]
    assert code == 1 and "room_tone." not in said
    assert len(commands) == 2 and commands[0] == commands[1] and "apad=" in commands[0]
