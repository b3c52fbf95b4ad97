"""The commands that a report offers are run by a shell, and what they write passes: whatever the file's name is."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_signals import sine

from stemwright.inspection import remedies
from stemwright.inspection.delivery import Options, inspect_delivery
from stemwright.inspection.sounds import open_sounds

RATE = 8_000
HOSTILE = '-rf $(touch x) `id` "q" it\'s\n\x1b[31m%d: ü.wav'


def run(command, folder):
    """Run a command as a person would paste it. It must make one new file, whose path is returned."""
    before = set(folder.iterdir())
    assert command.isprintable()
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 0, done.stderr[-400:]
    (new,) = set(folder.iterdir()) - before
    return new


def sound_of(path):
    ((sound,), _) = open_sounds([(path.name, str(path))])
    return sound


@pytest.mark.parametrize(
    "name", [HOSTILE, "a:b.wav", "tab\there.wav", b"\xff\xfe.wav".decode(errors="surrogateescape")]
)
def test_a_hostile_name_is_one_word(name):
    said = subprocess.run(
        ["bash", "-c", f"printf %s {remedies.quoted(name)}"], capture_output=True, check=True
    ).stdout
    assert said == name.encode(errors="surrogateescape")
    assert remedies.quoted(name).isprintable()


def test_commands_do_what_they_say(tmp_path):
    ramp = np.linspace(-0.5, 0.5, 4_000)[:, None] * [1, 0.5]
    path = tmp_path / HOSTILE
    sf.write(path, ramp, RATE, "PCM_24")
    sound = sound_of(path)
    expected = {
        remedies.gain(sound, -3.0): ramp * 10 ** (-3 / 20),
        remedies.inverted(sound): -ramp,
        remedies.swapped(sound): ramp[:, ::-1],
        remedies.shifted(sound, 86, 4_000): np.pad(ramp[86:], ((0, 86), (0, 0))),
        remedies.shifted(sound, -86, 4_000): np.pad(ramp[:-86], ((86, 0), (0, 0))),
        remedies.padded(sound, 5_000): np.pad(ramp, ((0, 1_000), (0, 0))),
    }
    for command, wanted in expected.items():
        new = run(command, tmp_path)
        found, rate = sf.read(new)
        assert (rate, sf.info(new).subtype) == (RATE, "PCM_24")
        assert np.abs(found - wanted).max() < 2.0**-22
        new.unlink()
    assert {entry.name for entry in tmp_path.iterdir()} == {HOSTILE}


@pytest.mark.parametrize(("name", "subtype"), [("a.aiff", "PCM_24"), ("b.wav", "PCM_16")])
def test_commands_write_the_format_of_the_file(name, subtype, tmp_path):
    path = tmp_path / name
    sf.write(path, np.full(4_000, 2.0**-15), RATE, subtype)
    sound = sound_of(path)
    new = run(remedies.gain(sound, -6.02), tmp_path)
    assert sf.info(new).subtype == subtype
    found = sf.read(new)[0]
    assert found.mean() == pytest.approx(2.0**-16, rel=0.1)
    assert (len(np.unique(found)) > 1) == (subtype == "PCM_16")  # dither, where half a step is lost
    new.unlink()
    assert sf.info(run(remedies.resampled(sound, 11_025), tmp_path)).samplerate == 11_025


def preset_checks(folder, preset):
    """Checks of a folder with one master, by name."""
    report = inspect_delivery(str(folder), Options(preset=preset))
    return {finding.check.id: finding for finding in report.findings}


def test_a_miss_of_loudness_is_mended_by_a_plain_gain(tmp_path):
    sf.write(tmp_path / "it's a master.wav", sine(-18.5, 4, rate=48_000), 48_000, "PCM_24")
    found = preset_checks(tmp_path, "ebu-r128")["loudness"]
    assert found.check.status == "fail"
    miss = re.fullmatch(r"([\d.]+) LU too loud", found.check.reason)
    assert float(miss[1]) == pytest.approx(4.5, abs=0.02)
    assert "R 128" in found.clause
    assert f"volume=-{miss[1]}dB" in found.command
    run(found.command, tmp_path).rename(tmp_path / "it's a master.wav")
    after = preset_checks(tmp_path, "ebu-r128")
    assert [after[name].check.status for name in ("loudness", "true_peak")] == ["pass", "pass"]
    assert after["loudness"].check.measured == pytest.approx(-23, abs=0.02)


def test_a_gain_that_would_break_the_ceiling_says_so_and_limits(tmp_path):
    rng = np.random.default_rng(4)
    peaky = 0.05 * rng.normal(0, 1, (4 * 48_000, 2)).clip(-2, 2)
    peaky[::12_000] = 0.7
    sf.write(tmp_path / "master.wav", peaky, 48_000, "PCM_24")
    found = preset_checks(tmp_path, "apple-podcasts")["loudness"]
    gain = -16 - found.check.measured
    assert f"{gain:.2f} LU too quiet; a gain alone puts its peak at" in found.check.reason
    assert "alimiter" in found.command
    run(found.command, tmp_path).rename(tmp_path / "master.wav")
    after = preset_checks(tmp_path, "apple-podcasts")
    assert [after[name].check.status for name in ("loudness", "true_peak")] == ["pass", "pass"]


def test_a_chapter_becomes_what_acx_takes(tmp_path):
    rng = np.random.default_rng(7)
    low = np.convolve(rng.normal(0, 1, 3 * 44_100), np.hanning(20) / 2.7, "same").clip(
        -2, 2
    )  # what MP3 keeps
    speech = (low * np.repeat(rng.uniform(0.02, 0.05, 30), 4_410))[:, None]
    tone = rng.normal(0, 1e-4, (44_100 * 6, 1))
    tone[int(0.7 * 44_100) :][: len(speech)] += speech
    sf.write(tmp_path / "chapter 1.wav", tone[: int(5.7 * 44_100)], 44_100, "PCM_16")
    found = preset_checks(tmp_path, "acx")
    wrong = {name for name, finding in found.items() if finding.check.status == "fail"}
    assert {"rms", "acx.format"} <= wrong
    assert found["acx.head"].check.status == found["acx.tail"].check.status == "pass"
    louder = run(found["rms"].command, tmp_path)
    louder.rename(tmp_path / "chapter 1.wav")
    encoded = run(preset_checks(tmp_path, "acx")["acx.format"].command, tmp_path)
    (tmp_path / "chapter 1.wav").unlink()
    after = preset_checks(tmp_path, "acx")
    names = (
        "rms",
        "sample_peak",
        "noise_floor",
        "acx.format",
        "acx.rate",
        "acx.channels",
        "acx.head",
        "acx.tail",
    )
    assert {name: after[name].check.status for name in names} == dict.fromkeys(names, "pass"), encoded
    assert after["acx.format"].check.measured == "MP3 CBR 192 kbit/s"


@pytest.mark.parametrize(("head", "tail"), [(0.1, 0.2), pytest.param(2.0, 7.0, marks=pytest.mark.long)])
def test_ends_of_a_chapter(head, tail, tmp_path):
    rate = 44_100
    rng = np.random.default_rng(8)
    parts = [(head, 1e-4), (1.0, 0.1), (tail, 1e-4)]
    sound = np.concatenate([rng.normal(0, level, round(seconds * rate)) for seconds, level in parts])
    sf.write(tmp_path / "c.wav", sound.clip(-0.3, 0.3), rate, "PCM_24")
    for name, wanted in (("acx.head", 0.75), ("acx.tail", 2.0)):
        found = preset_checks(tmp_path, "acx")[name]
        assert found.check.status == "fail"
        assert found.check.measured == pytest.approx(head if name == "acx.head" else tail, abs=0.03)
        new = run(found.command, tmp_path)
        (tmp_path / "c.wav").rename(tmp_path / "kept")
        assert preset_checks(tmp_path, "acx")[name].check.measured == pytest.approx(wanted, abs=0.06)
        new.unlink()
        (tmp_path / "kept").rename(tmp_path / "c.wav")
