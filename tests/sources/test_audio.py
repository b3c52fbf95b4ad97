"""Files as a source: conformed, placed to the frame, looped without drift, faded and cut without clicks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf
from rendering import noise, on, rendered, rounded, timeline

from stemwright import sources
from stemwright.base.errors import AudioFileError, StemwrightError
from stemwright.music.render_context import RenderContext
from stemwright.sources import _loop


@pytest.fixture
def played(tmp_path):
    """Write samples, play them on a canvas, and give what sounds."""

    def play(samples, line, rate=8_000, channels=1, sections=None, **keys):
        path = tmp_path / "clip.wav"
        sf.write(path, samples, rate, "FLOAT")
        return rendered({"audio": {"file": "clip.wav", **keys}}, on(line, channels, file=path), sections)

    return play


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels_in, channels", [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_files_are_conformed(played, rate, channels_in, channels):
    sides = 0.5 * np.array([1.0, 0.5])[:channels_in]
    t = np.arange(2 * rate) / rate
    out = played(np.sin(2 * np.pi * 440 * t)[:, None] * sides, timeline(48_000, length="3 s"), rate, channels)
    assert out.shape == (144_000, channels)
    levels = {(1, 1): [0.5], (1, 2): [0.5, 0.5], (2, 1): [0.375], (2, 2): [0.5, 0.25]}[channels_in, channels]
    inside = slice(2_400, 93_600)  # a filter rings at the ends of a tone that begins at once
    expected = np.sin(2 * np.pi * 440 * np.arange(144_000) / 48_000)[:, None] * levels
    assert np.max(np.abs(out[inside] - expected[inside])) < 1e-4
    assert not out[96_000:].any()


@pytest.mark.parametrize("name", ["a.flac", "a.aiff", "a.ogg", "a.mp3"])
def test_formats(tmp_path, name):
    t = np.arange(2 * 44_100) / 44_100
    wave = 0.5 * np.sin(2 * np.pi * 440 * t) * np.hanning(len(t))
    sf.write(tmp_path / name, wave, 44_100)
    out = rendered({"audio": {"file": name}}, on(timeline(44_100, length="2 s"), file=tmp_path / name))[:, 0]
    assert np.corrcoef(out, wave)[0, 1] > 0.999
    assert np.std(out - wave) < 0.01


@pytest.mark.parametrize(
    "at, seconds",
    [
        ("bar 1", 0),
        ("bar 3", Fraction(2 * 240 * 1000, 123_456)),
        ("bar 2 beat 3.5", Fraction(65 * 60 * 100, 123_456)),
        ("bar 2 + 1/8t", Fraction(4 * 60 * 1000, 123_456) + Fraction(60 * 1000, 123_456 * 3)),
        ("1.23456 s", Fraction("1.23456")),
        ("bar 1 + 40 ms", Fraction("0.04")),
    ],
)
def test_where_a_file_begins(played, at, seconds):
    clip = noise(1)
    out = played(clip, timeline(bpm=123.456), at=at)
    begin = rounded(seconds)
    assert np.array_equal(out[begin : begin + 8_000], clip)
    assert not out[:begin].any() and not out[begin + 8_000 :].any()


@pytest.mark.parametrize("bar", [1, 2, 3, 5, 8])
def test_a_length_in_bars_ends_on_the_bar_line(played, bar):
    line = timeline(bpm=97, length="10 bars")
    out = played(np.ones((80_000, 1)), line, at=f"bar {bar}", length="1 bar")
    sounding = np.flatnonzero(out)
    assert (sounding[0], sounding[-1] + 1) == tuple(rounded(Fraction(240 * n, 97)) for n in (bar - 1, bar))


def test_start_and_length(played):
    clip = noise(3)
    out = played(clip, timeline(), start="0.5 s", length="1 s", at="1 s")
    assert np.array_equal(out[8_040:15_960], clip[4_040:11_960])  # all but 5 ms of fade at each cut
    assert not out[:8_000].any() and not out[16_000:].any()
    assert np.all(np.abs(out[8_000:8_040]) <= np.abs(clip[4_000:4_040]))


def test_fades_and_gain(played):
    out = played(
        np.ones((16_000, 1)), timeline(), at="1 s", fade_in="0.5 s", fade_out="250 ms", gain_db=-6.0
    )[:, 0]
    full = 10 ** (-6 / 20)
    n = np.arange(4_000) + 0.5
    assert out[8_000:12_000] == pytest.approx(full * np.sin(np.pi / 2 * n / 4_000) ** 2, abs=1e-9)
    assert out[12_000:22_000] == pytest.approx(full)
    assert out[22_000:24_000] == pytest.approx(full * np.cos(np.pi / 2 * n[:2_000] / 2_000) ** 2, abs=1e-9)


def test_a_fade_out_ends_where_the_song_cuts_the_file(played):
    out = played(np.ones((80_000, 1)), timeline(length="2 s"), fade_out="1 s")[:, 0]
    assert out[7_900] == 1 and out[12_000] == pytest.approx(0.5, abs=0.01) and out[-1] < 1e-3


@pytest.mark.parametrize("seconds", [1.9, 3.0])
def test_a_loop_does_not_drift_over_200_bars(played, seconds):
    clip = noise(seconds)
    line = timeline(bpm=123.456, length="200 bars")
    out = played(clip, line, loop_bars=1)
    bars = [rounded(Fraction(240_000 * bar, 123_456)) for bar in range(201)]
    assert len(out) == bars[-1] == line.frames
    for begin, end in pairwise(bars):
        kept = min(len(clip), end - begin - 40)  # but for 5 ms of fade where a bar cuts the clip
        kept -= 40 if end == bars[-1] else 0
        assert np.array_equal(out[begin : begin + kept], clip[:kept])
        assert not out[begin + len(clip) : end].any()
        assert abs(out[end - 1]) < 0.01


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100])
@pytest.mark.parametrize("bpm", [120, 117.3])
def test_a_loop_that_closes_has_no_seam(played, rate, bpm):
    """A cosine of whole periods a bar: where its samples dip or jump, they are not what the two before foretell."""
    seconds = 240 / bpm
    frames = round(seconds * rate)
    clip = np.cos(2 * np.pi * 700 * np.arange(frames) / frames)[:, None] * 0.5
    out = played(clip, timeline(bpm=bpm), rate=rate, loop_bars=1)[:, 0]
    turn = 2 * np.pi * 700 / seconds / 8_000
    bend = out[2:] - 2 * np.cos(turn) * out[1:-1] + out[:-2]
    assert np.max(np.abs(bend)) < 0.5 * turn * 1.3  # a frame more or less is 0.5 * turn; a dip, 0.5
    assert np.max(np.abs(out)) < 0.51


def test_a_loop_of_bars_from_within_a_bar(played):
    clip = noise(0.25)
    out = played(clip, timeline(), at="bar 2 beat 2", loop_bars=2, loop_length="4 bars")
    starts = [begin for begin in range(0, len(out), 100) if np.array_equal(out[begin : begin + 2_000], clip)]
    assert starts == [20_000, 52_000]  # 2.5 s and 6.5 s at 120 BPM
    assert np.count_nonzero(out) == 2 * np.count_nonzero(clip)


@pytest.mark.parametrize(
    "keys", [{"loop_bars": 30}, {"loop_bars": 30, "length": "59.5 s"}, {"loop_bars": 900}]
)
def test_of_a_loop_no_more_is_kept_than_the_song_has(played, monkeypatch, keys):
    kept = []

    class Counted(_loop.Spool):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            kept.append(self.frames)

    monkeypatch.setattr(_loop, "Spool", Counted)
    clip = noise(60)
    out = played(clip, timeline(length="2 s"), **keys)
    assert np.array_equal(out[: 16_000 - 40], clip[: 16_000 - 40])
    assert kept[0] <= 16_000 + 8_000


CUTS = {  # where a constant is played from or to, and the frames at which the file begins or ends by itself
    "start": ({"start": "0.1 s"}, [39_200]),
    "length": ({"length": "1 s"}, [0]),
    "start and length": ({"start": "0.1 s", "length": "1 s", "at": "1 s"}, []),
    "a loop's bar": ({"loop_bars": 1}, [0, 16_000, 32_000, 48_000]),
    "a loop's length": ({"loop_bars": 1, "length": "1.5 s", "loop_length": "5 s"}, [0, 16_000, 32_000]),
    "the song's end": ({"at": "6 s"}, [48_000]),
}


@pytest.mark.parametrize("name", CUTS)
def test_where_a_file_is_cut_into_it_does_not_click(played, name):
    keys, natural = CUTS[name]
    out = played(np.full((40_000, 1), 0.5), timeline(length="8 s"), **keys)[:, 0]
    steps = np.diff(np.concatenate([[0], out, [0]]))
    assert np.flatnonzero(np.abs(steps) > 0.03).tolist() == natural
    assert np.max(out) == 0.5


@pytest.mark.parametrize(
    "keys, needs_timeline",
    [
        ({}, False),
        ({"at": "2 s"}, False),
        ({"at": "bar 1 + 2 s"}, False),
        ({"at": "bar 1 beat 1", "length": "3 s", "fade_in": "1 s", "start": "1 s"}, False),
        ({"at": "bar 2"}, True),
        ({"at": "bar 1 beat 2"}, True),
        ({"at": "2 s + 1/8"}, True),
        ({"length": "2 bars"}, True),
        ({"loop_bars": 4}, True),
    ],
)
def test_what_hangs_on_the_tempo(keys, needs_timeline):
    assert sources.make({"audio": {"file": "a.wav", **keys}}).needs_timeline is needs_timeline


@pytest.mark.parametrize("keys", [{"at": "0.3 s"}, {"start": "0.2 s", "length": "0.5 s"}])
def test_a_file_that_is_not_in_time_needs_no_timeline(played, tmp_path, keys):
    clip, line = noise(1), timeline(length="2 s")
    expected = played(clip, line, **keys)
    context = RenderContext(8_000, 1, line.frames, files={"file": str(tmp_path / "clip.wav")})
    assert np.array_equal(rendered({"audio": {"file": "clip.wav", **keys}}, context), expected)


def test_files_that_cannot_be_played(played, tmp_path):
    with pytest.raises(StemwrightError, match=r"clip.wav: start 1 s is beyond its end \(1.000 s\)"):
        played(noise(1), timeline(), start="1 s")
    with pytest.raises(ValueError, match="loop_length needs loop_bars"):
        played(noise(1), timeline(), loop_length="2 bars")
    with pytest.raises(ValueError, match=r"before the song's end at 16.000 s \(is 'bar 9'\)"):
        sources.make({"audio": {"file": "a.wav", "at": "bar 9"}}).check(on(timeline()))
    (tmp_path / "cut.wav").write_bytes((tmp_path / "clip.wav").read_bytes()[:-1_000])
    for name, told in [("none.wav", "cannot be read"), ("cut.wav", "truncated")]:
        with pytest.raises(AudioFileError, match=told):
            rendered({"audio": {"file": name}}, on(timeline(), file=tmp_path / name))


@pytest.mark.parametrize("keys", [{}, {"start": "0.5 s"}, {"loop_bars": 1}, {"loop_bars": 4}])
@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_what_is_no_number_is_told_by_the_file_s_own_frame(played, keys, rate):
    samples = np.full((2 * rate, 1), 0.1)
    samples[rate + 5] = np.nan
    with pytest.raises(AudioFileError, match=rf"clip.wav: sample {rate + 5:,} is not a finite number"):
        played(samples, timeline(), rate=rate, **keys)
