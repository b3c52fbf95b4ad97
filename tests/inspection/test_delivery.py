"""A delivery as a whole: which files are judged against which, by what, and what one finding says to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from exports import FRAMES, RATE, export, stems

from stemwright.gates import Check
from stemwright.inspection.acx import judge_acx
from stemwright.inspection.delivery import Options, inspect_delivery
from stemwright.inspection.finding import Finding
from stemwright.inspection.sounds import open_sounds


def found(folder, **options):
    """(file, status) of each check, by its name."""
    checks = {}
    for finding in inspect_delivery(str(folder), Options(**options)).findings:
        checks.setdefault(finding.check.id, []).append((finding.file, finding.check.status))
    return checks


def test_stems_that_need_the_click_sum_with_it(tmp_path):
    parts = stems(frames=6_000)
    click = {"click": parts.pop("keys")}
    assert found(export(tmp_path / "x", {**parts, **click}))["sum"] == [("Song_mix.wav", "pass")]


def test_stems_of_the_master_beside_another_mix(tmp_path):
    parts = stems()
    folder = export(tmp_path / "x", parts, sum(parts.values()) - parts["keys"])
    sf.write(folder / "Song_master.wav", sum(parts.values()), RATE, "PCM_24")
    assert found(folder)["sum"] == [("Song_master.wav", "pass")]


def test_what_adds_up_may_have_another_length(tmp_path):
    parts = stems()
    parts["bass"][-400:] = 0
    short = {**parts, "bass": parts["bass"][:-400]}
    assert found(export(tmp_path / "x", short, sum(parts.values())))["length"] == [("Song_bass.wav", "warn")]
    assert found(export(tmp_path / "x", short, parts["bass"]))["length"] == [("Song_bass.wav", "fail")]


def test_names_are_judged_by_a_template(tmp_path):
    folder = export(tmp_path / "x", stems())
    assert found(folder, names="{title}_{album}")["name"] == [("", "pass")]
    assert ("Song_bass.wav", "fail") in found(folder, names="{title}-{stem}")["name"]


@pytest.mark.parametrize("whole", ["master", "mix"])
def test_a_preset_is_for_the_finished_file(whole, tmp_path):
    folder = export(tmp_path / "x", stems())
    if whole == "master":
        sf.write(folder / "Song_master.wav", sum(stems().values()), RATE, "PCM_24")
    assert [file for file, _ in found(folder, preset="spotify")["loudness"]] == [f"Song_{whole}.wav"]


def test_a_master_at_another_rate_is_reported(tmp_path):
    folder = export(tmp_path / "x", stems())
    sf.write(folder / "Song_master.wav", sum(stems().values()), 11_025, "PCM_24")
    assert found(folder)["rate"] == [("", "pass"), ("Song_master.wav", "warn")]


def test_copies_are_refused_and_louder_copies_reported(tmp_path):
    parts = stems()
    exact = found(export(tmp_path / "x", {**parts, "keys 2": parts["keys"]}))
    assert [status for _, status in exact["duplicate"]] == ["fail"]
    louder = found(export(tmp_path / "y", {**parts, "keys 2": 0.5 * parts["keys"]}))
    assert [status for _, status in louder["duplicate"]] == ["warn"]
    noise = np.random.default_rng(3).normal(0, 1, (FRAMES, 2))
    near = parts["keys"] + 0.004 * np.std(parts["keys"]) * noise  # -48 dB
    other = found(export(tmp_path / "z", {**parts, "keys 2": 0.5 * near}))
    assert other["duplicate"] == [("", "pass")]


def test_a_book_is_all_mono_or_all_stereo(tmp_path):
    tone = 0.1 * np.sin(np.arange(44_100) / 20)
    for name, sound in (("1", tone), ("2", np.stack([tone, tone], axis=1))):
        sf.write(tmp_path / f"chapter {name}.mp3", sound, 44_100, bitrate_mode="VARIABLE")
    checks = found(tmp_path, preset="acx")
    assert checks["acx.consistent"] == [("", "fail")]
    assert checks["acx.channels"] == [("chapter 1.mp3", "pass"), ("chapter 2.mp3", "warn")]
    assert [status for _, status in checks["acx.format"]] == ["fail", "fail"]


def test_a_chapter_is_no_longer_than_two_hours(tmp_path):
    sf.write(tmp_path / "c.mp3", np.zeros(44_100), 44_100)
    ((sound,), _) = open_sounds([("c.mp3", str(tmp_path / "c.mp3"))])
    ends = [Finding(Check(f"room_tone.{name}", "pass", 1.0)) for name in ("head", "tail")]
    for minutes, status in ((120, "pass"), (121, "fail")):
        judged = judge_acx(replace(sound, frames=minutes * 60 * 44_100), ends)
        assert [f.check.status for f in judged if f.check.id == "acx.length"] == [status]


def test_stems_that_went_through_a_codec_are_reported(tmp_path):
    rate, parts = 44_100, stems(frames=44_100)
    smooth = {name: np.cumsum(sound - sound.mean(axis=0), axis=0) / 40 for name, sound in parts.items()}
    sf.write(tmp_path / "mix.wav", sum(smooth.values()), rate, "PCM_24")
    for name, sound in smooth.items():
        sf.write(tmp_path / f"{name}.ogg", sound, rate)
    assert found(tmp_path)["sum"] == [("mix.wav", "warn")]


def test_the_wall_of_a_codec_and_a_click_in_a_stem(tmp_path):
    rng = np.random.default_rng(2)
    spectrum = np.fft.rfft(rng.normal(0, 0.1, 3 * 44_100))
    for name, wall in (("pad", 16_000), ("synth", 8_000)):  # lower, it is a filter's
        spectrum[3 * wall :] = 0
        sf.write(tmp_path / f"{name}.wav", np.fft.irfft(spectrum), 44_100, "PCM_24")
    tone = 0.1 * np.sin(np.arange(3 * 44_100) / 20)
    tone[60_000] += 0.5
    sf.write(tmp_path / "bass.wav", tone, 44_100, "PCM_24")
    checks = found(tmp_path)
    assert checks["bandwidth"] == [("bass.wav", "pass"), ("pad.wav", "warn"), ("synth.wav", "pass")]
    assert ("bass.wav", "warn") in checks["click.elsewhere"]
