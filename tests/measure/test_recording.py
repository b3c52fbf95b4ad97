"""A recording in figures, and the YAML of a song made to it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile as sf
import yaml
from click_tracks import ROCK, drummed, timeline

from stemwright.base.errors import AudioFileError
from stemwright.measure.recording import examine

RATE = 8_000


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Drums at 101.3 BPM that begin after 0.7 s, with the chords of A minor; 16 bits in 24, stereo, both alike."""
    drums, _ = drummed(timeline(101.3, bars=6, rate=RATE), patterns={"*": ROCK})
    t = np.arange(len(drums)) / RATE
    chords = [(57, 60, 64), (50, 53, 57), (52, 56, 59), (57, 60, 64), (53, 57, 60), (52, 56, 59)]
    notes = np.array(chords)[np.minimum((t * 101.3 / 240).astype(int), 5)]
    sound = 0.5 * drums[:, 0] + 0.05 * np.sin(2 * np.pi * 440 * 2 ** ((notes - 69) / 12) * t[:, None]).sum(
        axis=1
    )
    sound = np.concatenate((np.zeros(round(0.7 * RATE)), sound / np.abs(sound).max() / 2))
    path = tmp_path_factory.mktemp("song") / 'a "take".wav'
    steps = np.repeat(np.round(sound * 2**15).astype(np.int32)[:, None] << 16, 2, axis=1)
    sf.write(path, steps, RATE, "PCM_24")
    return path


def test_what_a_recording_is(song):
    found = examine(str(song))
    assert found.tempi[0].bpm == pytest.approx(101.3, abs=0.1)
    assert found.beats.bpm == pytest.approx(101.3, abs=0.03)
    assert (found.beats.first_beat, found.beats.downbeat) == pytest.approx((0.7, 0.7), abs=0.003)
    assert (found.key, found.bits, found.sample_format) == ("A minor", 16, "PCM_24")
    assert (found.sample_rate, found.channels, found.frames) == (RATE, 2, sf.info(song).frames)
    assert found.sample_peak == pytest.approx(20 * np.log10(0.5), abs=0.01)
    assert found.remarks == ["both channels are equal: it is mono"]
    text = found.text()
    assert "PCM_24, of which 16 are used" in text and "of 4/4" in text


def test_the_yaml_aligns_a_song_with_it(song):
    found = examine(str(song))
    data = yaml.safe_load(found.yaml())
    assert data["bpm"] == pytest.approx(101.3, abs=0.03) and data["key"] == "A minor"
    assert data["reference"]["file"] == str(song)
    assert float(data["reference"]["start"].removesuffix(" s")) == pytest.approx(0.7, abs=0.003)
    assert data["length"] == "reference" and "# 6.00 bars" in found.yaml()
    assert json.loads(json.dumps(found.record(), allow_nan=False))["yaml"] == found.yaml()


@pytest.mark.parametrize("late_ms, told", [(0, 0), (1.25, 0), (2, 0), (20, 20), (-1.25, 0)])
def test_what_cannot_be_told_from_the_start_of_the_file_is_there(tmp_path, late_ms, told):
    """Drums from the first sample on, a ms later, and with a ms cut off: bar 1 is at 0. 20 ms are told."""
    drums, _ = drummed(timeline(120, bars=6, rate=RATE), patterns={"*": ROCK})
    late = round(late_ms / 1000 * RATE)
    sound = np.concatenate((np.zeros(late), drums[:, 0])) if late > 0 else drums[-late:, 0]
    sf.write(tmp_path / "a.wav", sound, RATE, "FLOAT")
    found = examine(str(tmp_path / "a.wav"))
    reference = yaml.safe_load(found.yaml())["reference"]
    lines = {line.split("  ")[1]: line for line in found.text().splitlines() if line.startswith("  ")}
    if not told:
        assert reference == {"file": str(tmp_path / "a.wav")} and "# 6.00 bars" in found.yaml()
        assert lines["first beat"].endswith(" 0 s") and " 0 s (" in lines["bar line"]
    else:
        assert float(reference["start"].removesuffix(" s")) == pytest.approx(told / 1000, abs=0.003)
        assert found.beats.downbeat == pytest.approx(told / 1000, abs=0.003)


def test_silence_has_no_tempo_and_no_key(tmp_path):
    sf.write(tmp_path / "a.wav", np.zeros(6 * RATE), RATE)
    found = examine(str(tmp_path / "a.wav"))
    assert (found.beats, found.key, found.integrated, found.sample_peak) == (None, None, None, None)
    assert "tempo       none: 0 onsets" in found.text() and "silence" in found.text()
    assert found.yaml() == ""


def test_a_one_shot_is_no_song(tmp_path):
    n = np.arange(RATE)
    sf.write(tmp_path / "a.wav", 0.5 * np.sin(0.3 * n) * np.exp(-n / 900), RATE)
    found = examine(str(tmp_path / "a.wav"))
    assert (
        found.yaml() == ""
        and "none: 1 onset, too few" in found.text()
        and "too short for a key" in found.text()
    )


def test_a_short_loop_may_have_the_tempo_of_its_length(tmp_path):
    sound = np.zeros(4 * RATE)  # eight beats at 120
    for at in (0.0, 0.75, 1.5, 2.5, 3.25):
        sound[round(at * RATE) :][:400] = np.random.default_rng(1).uniform(-0.5, 0.5, 400)
    sf.write(tmp_path / "a.wav", sound, RATE)
    assert "if it is a loop of 8 beats: 120 BPM" in examine(str(tmp_path / "a.wav")).text()


def test_what_it_has_lost_is_told(tmp_path):
    noise = np.random.default_rng(2).normal(0, 0.3, 48_000)
    spectrum = np.fft.rfft(noise)
    spectrum[16_000:] = 0
    sf.write(tmp_path / "wall.wav", np.fft.irfft(spectrum), 48_000, "FLOAT")
    (remark,) = examine(str(tmp_path / "wall.wav")).remarks
    wall = float(remark.partition(" at ")[2].split()[0].replace(",", ""))
    assert wall == pytest.approx(16_000, abs=500) and "lossy codec" in remark
    tone = np.clip(1.3 * np.sin(np.arange(RATE) * 0.11), -0.9, 0.9)
    sf.write(tmp_path / "clipped.wav", tone, RATE)
    assert any(r.startswith("clipped") for r in examine(str(tmp_path / "clipped.wav")).remarks)
    sf.write(tmp_path / "a.ogg", noise[:RATE], RATE)
    found = examine(str(tmp_path / "a.ogg"))
    assert found.bits is None and found.remarks[0].startswith("lossy (OGG (Vorbis))")


def test_damage_is_named(tmp_path):
    sf.write(tmp_path / "a.wav", np.full(RATE, 0.25), RATE)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[:3_000])
    assert examine(str(tmp_path / "cut.wav")).remarks[0].startswith("damaged: truncated")
    (tmp_path / "none.wav").write_bytes(b"nothing of the kind")
    with pytest.raises(AudioFileError):
        examine(str(tmp_path / "none.wav"))
    broken = np.full(RATE, 0.25)
    broken[5] = np.nan
    sf.write(tmp_path / "nan.wav", broken, RATE, "FLOAT")
    found = examine(str(tmp_path / "nan.wav"))
    assert found.yaml() == ""
    assert found.remarks[0].startswith("samples that are not finite: 1") and found.key is None


@pytest.mark.parametrize("name", ["{song}.wav", "e\x1b[31mvil.wav", "ü ' : #.wav", 'q"uote\\.wav'])
def test_a_name_is_escaped_for_terminals_and_read_back_from_yaml(tmp_path, name):
    sf.write(tmp_path / name, np.full(5 * RATE, 0.25), RATE)
    found = examine(str(tmp_path / name))
    assert yaml.safe_load(found.yaml())["reference"]["file"] == str(tmp_path / name)
    assert all(line.isprintable() for line in found.text().split("\n"))
