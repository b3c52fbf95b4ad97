"""six-eight, judged by its rubric with NumPy and ffmpeg alone."""

import itertools
import json
import re
import subprocess

import numpy as np
import pytest

pytestmark = pytest.mark.long

RATE = 44_100
# Seconds of a dotted quarter at 84; at 56; of a ramp from 84 to 56 over two of them, linear in beats:
# the integral of 60 / (84 - 14 b) db.
AT_84, AT_56, RAMP = 60 / 84, 60 / 56, 60 / 14 * np.log(84 / 56)
BARS = [AT_84 / 3 + 2 * AT_84 * bar for bar in range(7)]  # after the pick-up, an eighth
BARS += [BARS[6] + RAMP, BARS[6] + RAMP + 3 * AT_56]  # bar 8, and its end: two beats, and one more is held
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]  # Krumhansl & Kessler 1982
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]


@pytest.fixture(scope="module")
def song(example):
    return example("six-eight")


@pytest.fixture(scope="module")
def drums(song):
    return song.delivered("drums").mean(axis=1)


def test_bar_lines_and_tempo_are_those_of_the_closed_form(song):
    timeline = json.loads((song / "build/six-eight/timeline.json").read_text())
    found = [beat["frame"] / RATE for beat in timeline["beats"] if beat["beat"] in (1, "1")]
    assert np.abs(np.subtract(found, BARS[:-1])).max() < 0.001
    sections = [section["start"]["seconds"] for section in song.manifest["sections"]]
    assert np.abs(np.subtract(sections, [0, BARS[0], BARS[4]])).max() < 0.001
    assert abs(song.manifest["sections"][-1]["end"]["seconds"] - BARS[8]) < 0.001
    assert abs(len(song.delivered("master")) / RATE - BARS[8] - 2) < 0.001  # the tail


def attack(samples, near):
    """When the level around a time rises fastest, in seconds: the peak of its energy's rise over 2 ms."""
    first = round((near - 0.03) * RATE)
    power = np.convolve(samples[first : first + round(0.06 * RATE)] ** 2, np.ones(88), "valid")
    return (first + 44 + np.argmax(np.diff(power))) / RATE


def test_the_drums_are_heard_on_the_bar_lines(drums):
    late = [attack(drums, bar) - bar for bar in BARS[:8]]
    assert abs(np.median(late)) < 0.005 and np.abs(late).max() < 0.015  # played by hand: 3 ms of deviation


def test_no_two_hits_are_the_same(drums):
    """By their correlation at the lag that fits best, in the same place of their bars. There are six takes of each."""
    places = {"kick": [BARS[n] for n in range(6)], "snare": [BARS[n] + AT_84 for n in (0, 1, 2, 4, 5)]}
    for times in places.values():
        hits = [drums[round((time - 0.02) * RATE) :][: round(0.14 * RATE)] for time in times]
        likeness = []
        for one, other in itertools.combinations(hits, 2):
            spectrum = np.fft.rfft(one, 16_384) * np.fft.rfft(other, 16_384).conj()
            likeness.append(np.fft.irfft(spectrum).max() / np.linalg.norm(one) / np.linalg.norm(other))
        assert max(likeness) < 0.9995 and np.median(likeness) < 0.95, likeness
        levels = 20 * np.log10([np.linalg.norm(hit) for hit in hits])
        assert levels.std() > 0.2


def test_its_key_is_heard(song):
    audio = sum(song.delivered(name).mean(axis=1) for name in ("guitar", "tune", "bass"))
    chroma = np.zeros(12)
    for start in range(0, len(audio) - 16_384, 8_192):
        power = np.abs(np.fft.rfft(audio[start : start + 16_384] * np.hanning(16_384)))
        hertz = np.fft.rfftfreq(16_384, 1 / RATE)
        heard = (hertz > 100) & (hertz < 2_000)
        pitch = np.rint(69 + 12 * np.log2(hertz[heard] / 440)).astype(int)
        chroma += np.bincount(pitch % 12, power[heard], 12)
    fits = {
        (root, mode): np.corrcoef(np.roll(profile, root), chroma)[0, 1]
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
        for root in range(12)
    }
    assert max(fits, key=fits.get) == (7, "major")  # G


def test_the_loudness_is_met(song, tmp_path, needs):
    (tmp_path / "master.wav").write_bytes(song.archive.read("six-eight_master.wav"))
    command = [
        needs("ffmpeg"),
        "-nostats",
        "-i",
        tmp_path / "master.wav",
        "-af",
        "ebur128=peak=true",
        "-f",
        "null",
        "-",
    ]
    summary = subprocess.run(command, capture_output=True, text=True, check=True).stderr.split("Summary:")[1]
    integrated, peak = (float(re.search(rf"{name}:\s+(-?[\d.]+)", summary)[1]) for name in ("I", "Peak"))
    assert abs(integrated + 16) <= 0.5 and peak <= -1
