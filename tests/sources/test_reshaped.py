"""Recordings warped, transposed and tuned: onsets and pitches against those that were written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from rendering import noise, on, rendered, timeline

from stemwright import sources
from stemwright.base.errors import StemwrightError
from stemwright.sources import _reshaped

RATE = 16_000
SOUND = np.random.default_rng(8).normal(0, 0.3, RATE // 8) * np.exp(-np.arange(RATE // 8) / (0.02 * RATE))


@pytest.fixture
def played(tmp_path):
    """Write samples at 16 kHz, play them on a canvas, and give what sounds."""

    def play(samples, line, keys_of_sections=(), **keys):
        sf.write(tmp_path / "take.wav", samples, RATE, "FLOAT")
        context = on(line, file=tmp_path / "take.wav")
        context = replace(context, harmony=[{"key": key} for key in keys_of_sections])
        return rendered({"audio": {"file": "take.wav", **keys}}, context)[:, 0]

    return play


def take(seconds, length, sound=SOUND):
    """A hit at each of some times."""
    samples = np.zeros(round((length + 0.5) * RATE))
    for at in seconds:
        samples[round(at * RATE) : round(at * RATE) + len(sound)] += sound
    return samples[: round(length * RATE)]


def centres(samples, seconds):
    """The centre of the energy around each of some times, in s from it."""
    near = np.arange(-RATE // 40, RATE // 40)
    energy = samples[np.round(np.multiply(seconds, RATE)).astype(int)[:, None] + near] ** 2
    return (energy * near).sum(axis=1) / energy.sum(axis=1) / RATE


def hits(samples):
    """When the samples rise from near silence: each attack is 9 dB above the last 20 ms."""
    step = RATE // 1_000
    power = np.array(
        [np.sum(samples[n : n + 2 * step] ** 2) for n in range(0, len(samples) - 2 * step, step)]
    )
    found, last = [], -100
    for n in range(len(power)):
        before = power[max(0, n - 20) : max(0, n - 2)].max(initial=1e-4)
        if power[n] > max(8 * before, 0.02 * power.max()) and n - last > 40:
            found.append(n / 1_000)
            last = n
    return np.array(found)


def test_markers_tie_times_to_bars(played):
    line = timeline(RATE, bpm=120, length="4 bars")
    markers = [
        {"file": "0.3 s", "at": "bar 1 beat 2"},
        {"file": "1.4 s", "at": "bar 2"},
        {"file": "3.1 s", "at": "bar 3"},
    ]
    written = np.array([0.3, 0.85, 1.4, 2.25, 3.1, 3.525])
    wanted = np.array([0.5, 1.25, 2.0, 3.0, 4.0, 4.5])  # by proportion; after the last marker, as before it
    samples = take(written, 4, SOUND * np.exp(-np.arange(len(SOUND)) / (0.005 * RATE)))
    out = played(samples, line, warp={"markers": markers})
    assert centres(out, wanted) == pytest.approx(centres(samples, written), abs=0.002)


def test_what_comes_before_the_song_is_cut(played):
    line = timeline(RATE, bpm=120, length="2 bars")
    out = played(
        take([0.25, 1.0], 1.5), line, start="0.1 s", warp={"markers": [{"file": "1 s", "at": "0.5 s"}]}
    )
    assert hits(out) == pytest.approx([0.5], abs=0.003)


@pytest.mark.parametrize("strength", [1.0, pytest.param(0.5, marks=pytest.mark.long)])
def test_a_drifting_take_is_quantised(played, strength):
    rng = np.random.default_rng(4)
    grid = np.arange(2, 34)[rng.random(32) < 0.7] * 0.125
    late = 0.042 + 0.08 * (grid / 4.2) ** 2 + rng.uniform(-0.015, 0.015, len(grid))  # 27 to 137 ms
    line = timeline(RATE, bpm=120, length="2 bars + 1 s")
    out = played(take(grid + late, 4.6), line, warp={"quantise": {"to": "1/16", "strength": strength}})
    off = hits(out)[:, None] - grid
    off = off[np.arange(len(off)), np.abs(off).argmin(axis=1)]
    assert np.mean(np.abs(late) < 0.03) <= 0.12
    if strength == 1:
        assert len(off) == len(grid) and np.mean(np.abs(off) < 0.03) >= 0.9
        assert np.abs(np.median(off)) < 0.003
    else:
        nearest = np.abs(hits(out)[:, None] - (grid + late / 2)).min(axis=1)
        assert np.mean(nearest < 0.01) >= 0.9


def test_an_onset_far_from_its_line_moves_like_its_neighbours(played):
    line = timeline(RATE, bpm=60, length="6 beats")
    out = played(take([1.02, 1.5, 2.02, 3.02], 4), line, warp={"quantise": {"to": "1/4", "max_ms": 100}})
    assert hits(out) == pytest.approx([1, 1.48, 2, 3], abs=0.004)


def peak_hertz(samples):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 19))
    return spectrum.argmax() * RATE / (1 << 19)


def test_pitch(played):
    tone = 0.3 * np.sin(2 * np.pi * 400 * np.arange(RATE) / RATE)
    out = played(tone, timeline(RATE, length="1 s"), pitch={"semitones": -2, "cents": 30})
    assert abs(1200 * np.log2(peak_hertz(out[3_000:13_000]) / 400) + 170) < 2


def melody(cents, pitches=(57, 60, 64, 59)):
    """Notes of 0.5 s with partials that fall by 6 dB an octave, each of them off by so many cents."""
    n = np.arange(RATE // 2)
    envelope = np.minimum(1, np.minimum(n, len(n) - n) / 400)
    notes = []
    for pitch, off in zip(pitches, cents, strict=True):
        hertz = 440 * 2 ** ((pitch + off / 100 - 69) / 12)
        partials = np.arange(1, int(4_000 / hertz))
        notes.append(
            0.2 * envelope * (np.sin(2 * np.pi * hertz * np.outer(n, partials) / RATE) @ (1 / partials))
        )
    return np.concatenate(notes)


@pytest.mark.parametrize(
    "to, strength, wanted",
    [
        ("key", 1.0, [57, 60, 64, 59]),
        ("chromatic", 0.5, [57.2, 59.825, 64.125, 58.8]),
        ("D minor", 1.0, [57, 60, 64, 58]),  # no B
    ],
)
def test_tuning(played, to, strength, wanted):
    line = timeline(RATE, bpm=120, sections=[("a", "1 bar")])
    out = played(melody([40, -35, 25, -45]), line, ["A minor"], tune={"to": to, "strength": strength})
    for number, pitch in enumerate(wanted):
        part = out[number * RATE // 2 + 1_600 : (number + 1) * RATE // 2 - 1_600]
        found = 69 + 12 * np.log2(peak_hertz(part) / 440)
        assert abs(found - pitch) < 0.05, number


def test_sections_have_their_own_keys(played):
    line = timeline(RATE, bpm=120, sections=[("a", "2 beats"), ("b", "2 beats")])
    keys = ["A minor", "C# major"]
    out = played(melody([0, 0, 40, 0], (57, 60, 64, 60)), line, keys, tune={})
    for start, pitch in (0.0, 57), (0.5, 60), (1.0, 65), (1.5, 60):
        part = out[round(start * RATE) + 1_600 :][:4_800]
        assert abs(69 + 12 * np.log2(peak_hertz(part) / 440) - pitch) < 0.05, start


def test_what_has_no_pitch_is_untouched(played):
    samples = noise(1, RATE)[:, 0] * 0.1
    line = timeline(RATE, length="1 s")
    assert np.array_equal(played(samples, line, tune={"to": "chromatic"}), played(samples, line))


def test_the_same_bytes_twice(played):
    line = timeline(RATE, bpm=120, length="1 bar")
    keys = {
        "warp": {"quantise": {"to": "1/8"}},
        "pitch": {"semitones": 1, "formants": True},
        "tune": {"to": "chromatic"},
    }
    samples = melody([10, 20, 30, 40])
    assert played(samples, line, **keys).tobytes() == played(samples, line, **keys).tobytes()


def test_a_clip_that_is_too_long(played, monkeypatch):
    monkeypatch.setattr(_reshaped, "_LONGEST_S", 60)
    with pytest.raises(StemwrightError, match=r"may be 1 minutes long, .* 61 s long: make several"):
        played(np.zeros(61 * RATE), timeline(RATE, length="61 s"), pitch={"semitones": 1})


@pytest.mark.parametrize(
    "keys, needs, counts",
    [
        ({"warp": {"markers": [{"file": "1 s", "at": "2 s"}]}}, False, [False, False]),
        ({"warp": {"markers": [{"file": "1 s", "at": "bar 2"}]}}, True, [False, True]),
        ({"warp": {"quantise": {"to": "1/8"}}, "at": "2.5 s"}, True, [False, True]),
        ({"tune": {"to": "key"}, "at": "2.5 s"}, True, [False, False]),
        ({"tune": {"to": "chromatic"}, "pitch": {"cents": 5}}, False, [False, False]),
    ],
)
def test_what_depends_on_bars(keys, needs, counts):
    line = timeline(RATE, bpm=120, sections=[("a", "1 bar"), ("b", "1 bar")])
    source = sources.make({"audio": {"file": "take.wav", **keys}})
    assert source.needs_timeline == needs
    assert [source.counts_bars(section, line.tempo) for section in line.sections] == counts


@pytest.mark.parametrize("marker", [{"file": "0 s", "at": "2 s"}, {"file": "1 s", "at": "0 s"}])
def test_a_clip_that_comes_to_lie_outside_of_the_song(played, marker):
    with pytest.raises(StemwrightError, match=r"is not heard: it would begin at -?[12].000 s and end at"):
        played(np.zeros(RATE), timeline(RATE, length="2 s"), warp={"markers": [marker]})
