"""A track: its views, its loudness over time, and its two files."""

import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf

from stemwright.mixing.faders import Faders
from stemwright.pages.track import Source, loudness_curves, write_track

RATE = 8_000


@pytest.fixture
def track(tmp_path):
    """`track(samples, …)`: the data of a track of some files; the last one is a whole."""

    def written(*files, faders=None):
        sources = []
        for number, samples in enumerate(files):
            path = tmp_path / f"{number}.wav"
            sf.write(path, samples, RATE, "FLOAT")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            sources.append(Source(str(path), f"stage{number}", f"folder/{number}.wav", digest))
        drawn, audio = tmp_path / "mix.js", tmp_path / "mix.audio.js"
        write_track(str(drawn), str(audio), "mix", sources, faders)
        data = json.loads(drawn.read_text().removeprefix("stemwright.track(").removesuffix(");\n"))
        return data, audio.read_text()

    return written


def sine(level_db, seconds):
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * 997 / RATE * np.arange(round(seconds * RATE)))
    return np.repeat(wave[:, None], 2, axis=1)


def test_loudness_over_time_is_that_of_the_tech_3341_tone(track):
    """Case 1: a stereo sine at -23 dBFS has -23 LUFS; -33 dBFS, -33 LUFS (case 2)."""
    data, _ = track(np.concatenate((sine(-23, 5), sine(-33, 5))))
    (view,) = data["views"]
    curves = view["loudness"]
    assert curves["step_s"] == 0.1 and len(curves["short_term"]) == len(curves["momentary"]) == 100
    assert curves["short_term"][:29] == [None] * 29 and curves["momentary"][:3] == [None] * 3
    for name, window in (("short_term", 30), ("momentary", 4)):
        curve = curves[name]
        assert curve[window : 50 - 1] == pytest.approx([-23] * (49 - window), abs=0.15)
        assert curve[50 + window + 1 :] == pytest.approx([-33] * (49 - window), abs=0.15)
    assert view["integrated_lufs"] == pytest.approx(10 * np.log10((10**-2.3 + 10**-3.3) / 2), abs=0.2)


def test_the_loudness_of_its_audio_is_that_of_what_is_played(tmp_path):
    """A tone at -23 LUFS, in both channels alike, over two chunks; a loud one at 15 kHz is beyond previews."""
    t = np.arange(48_000 * 31) / 48_000
    wave = 10 ** (-23 / 20) * np.sin(2 * np.pi * 997 * t) + 0.3 * np.sin(2 * np.pi * 15_000 * t)
    sf.write(tmp_path / "mix.wav", np.stack([wave, wave], axis=1), 48_000, "FLOAT")
    source = Source(str(tmp_path / "mix.wav"), "mix", "mix/mix.wav", "")
    write_track(str(tmp_path / "mix.js"), str(tmp_path / "mix.audio.js"), "mix", [source], None)
    data = json.loads(
        (tmp_path / "mix.js").read_text().removeprefix("stemwright.track(").removesuffix(");\n")
    )
    assert data["audio"]["integrated_lufs"] == pytest.approx(-23, abs=0.1)
    assert data["views"][0]["integrated_lufs"] > -15


@pytest.mark.parametrize("seconds", [3_600, 121, 119.99, 0.3])
def test_a_curve_has_at_most_1200_points_and_misses_no_peak(seconds):
    count = max(0, round(seconds * 100) - 39)
    at = count * 2 // 3
    momentary = np.where(np.arange(count) == at, -10.0, -40.0)
    curves = loudness_curves(SimpleNamespace(seconds=seconds, short_term=np.zeros(0), momentary=momentary))
    curve, step = curves["momentary"], curves["step_s"]
    assert seconds / step <= len(curve) <= min(1_200, seconds / step + 1)
    if count:
        assert np.flatnonzero(np.array(curve, float) == -10) == [int((at + 39) / 100 / step + 1e-6)]
    else:
        assert curve == [None] * len(curve)


def test_a_view_for_each_file_whose_bytes_differ(track):
    data, _ = track(sine(-20, 0.2), sine(-23, 0.2), sine(-23, 0.2), faders=Faders([], 2))
    assert [view["stage"] for view in data["views"]] == ["stage0", "stage2"]
    assert all(view["loudness"] is None for view in data["views"])
    assert (data["id"], data["rate"], data["frames"], data["seconds"]) == ("mix", RATE, 1_600, 0.2)


def test_the_same_files_are_written_again(track):
    sounds = sine(-20, 0.2), sine(-23, 0.2)
    assert track(*sounds) == track(*sounds)


def test_its_audio_is_one_call_with_a_line_for_each_chunk(track):
    data, audio = track(sine(-20, 21))
    first, *chunks, last = audio.splitlines()
    assert (first, last) == ('stemwright.audio("mix", [', "]);")
    assert len(chunks) == data["audio"]["chunks"] == 3
    assert data["audio"] == {
        "rate": RATE,
        "channels": 2,
        "frames": 21 * RATE,
        "chunk_frames": 10 * RATE,
        "overlap_frames": 400,
        "chunks": 3,
        "mime": "audio/ogg",
        "integrated_lufs": pytest.approx(-20, abs=0.1),
    }
