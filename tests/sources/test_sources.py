"""Sources: tones to a hundredth of a hertz, files to the frame, silence outside of the sections asked for."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import soundfile as sf

from stemwright import sources
from stemwright.audio import reader, spool, stream
from stemwright.base.errors import AudioFileError, StemwrightError
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.sources import tone as tone_module


def timeline(rate=8_000, bpm=120, meter="4/4", length="8 bars", sections=()):
    tempo = TempoMap([TempoChange(1, parse_bpm(bpm), parse_time_signature(meter))])
    layout = [(name, parse_duration(span), None) for name, span in sections]
    return Timeline.build(rate, tempo, None if sections else parse_duration(length), layout)


def on(line, channels=1, **files):
    return RenderContext(
        line.rate, channels, line.frames, "stem", line, {k: str(v) for k, v in files.items()}
    )


def rendered(entry, context, sections=None):
    return np.concatenate(list(sources.render(sources.make(entry), context, sections)))


def whole(seconds, rate=8_000, channels=1):
    return RenderContext(rate, channels, round(seconds * rate))


def rounded(seconds, rate=8_000):
    """The nearest frame, halves upwards, to an exact time."""
    return int((Fraction(seconds) * rate * 2 + 1) // 2)


@pytest.fixture
def small_blocks(monkeypatch):
    """Everything in blocks of so many frames, from now on."""

    def use(size):
        for module in (stream, reader, tone_module):
            monkeypatch.setattr(module, "BLOCK", size)
        monkeypatch.setattr(spool.Spool.blocks, "__defaults__", (size,))

    return use


# --- tone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hertz", [440.0, 123.456, 3_999.0])
def test_an_hour_in_a_tone_is_as_exact_as_at_its_start(hertz):
    first = last = None
    for block in sources.render(
        sources.make({"tone": {"frequency_hz": hertz, "level_db": -20.0}}), whole(3_600), None
    ):
        first, last = block if first is None else first, block
    for block, start in [(first, 0), (last, 3_600 * 8_000 - len(last))]:
        turns = [float(Fraction(hertz) * n / 8_000 % 1) for n in range(start + 100, start + 2_000)]
        assert block[100:2_000, 0] == pytest.approx(0.1 * np.sin(2 * np.pi * np.array(turns)), abs=1e-8)


@pytest.mark.parametrize(
    "note, hertz", [("A4", 440), ("A2", 110), ("C#3", 138.591), ("Bb5", 932.328), ("E2", 82.407)]
)
def test_notes(note, hertz):
    wave = rendered({"tone": {"note": note}}, whole(4))[:, 0]
    down = wave * np.exp(-2j * np.pi * hertz / 8_000 * np.arange(len(wave)))
    early, late = (np.angle(np.sum(part * np.hanning(len(part)))) for part in np.split(down, 2))
    assert (late - early) / (2 * np.pi * 2) == pytest.approx(0, abs=0.01)  # two seconds lie between


@pytest.mark.parametrize("level", [0, -6.0, -40])
def test_level_and_channels(level):
    wave = rendered({"tone": {"frequency_hz": 1_000.0, "level_db": level}}, whole(1, 48_000, 2))
    assert np.max(np.abs(wave)) == pytest.approx(10 ** (level / 20), rel=1e-6)
    assert np.array_equal(wave[:, 0], wave[:, 1])


def test_a_tone_begins_and_ends_without_a_click():
    wave = rendered({"tone": {"frequency_hz": 997.0, "level_db": 0.0}}, whole(1, 48_000))[:, 0]
    assert abs(wave[0]) < 1e-4 and abs(wave[-1]) < 1e-3
    for edge in (wave[:240], wave[::-1][:240]):
        steepest = np.max(np.abs(np.diff(edge)))
        assert np.max(np.abs(edge[:24])) < 0.03 and steepest < 1.1 * 2 * np.pi * 997 / 48_000


@pytest.mark.parametrize("frames", [1, 50, 79, 80, 81])
def test_a_song_shorter_than_the_fades(frames):
    wave = rendered({"tone": {"note": "A4"}}, RenderContext(8_000, 1, frames))
    assert wave.shape == (frames, 1) and np.isfinite(wave).all()


@pytest.mark.parametrize(
    ("keys", "says"), [({}, "needs one of"), ({"note": "A4", "frequency_hz": 440.0}, "has both")]
)
def test_a_tone_has_one_pitch(keys, says):
    with pytest.raises(ValueError, match=f"{says} note and frequency_hz"):
        sources.make({"tone": keys})


def test_a_tone_above_half_the_sample_rate():
    sources.make({"tone": {"frequency_hz": 3_999.0}}).check(whole(1))
    for keys in ({"frequency_hz": 4_000.0}, {"note": "C8"}):
        with pytest.raises(ValueError, match="below half the sample rate, 4000 Hz"):
            sources.make({"tone": keys}).check(whole(1))


# --- audio files ------------------------------------------------------------------------------


def noise(seconds, rate=8_000, channels=1):
    return np.random.default_rng(1).uniform(-0.9, 0.9, (round(seconds * rate), channels)).astype(np.float32)


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


@pytest.mark.parametrize("size", [1_000, 777, 20_000])
@pytest.mark.parametrize(
    "entry",
    [
        {"tone": {"note": "A4"}},
        {"audio": {"file": "clip.wav", "at": "bar 2", "start": "0.1 s", "loop_bars": 1, "fade_in": "1 s"}},
    ],
    ids=["tone", "audio"],
)
def test_blocks_do_not_matter(tmp_path, small_blocks, entry, size):
    sf.write(tmp_path / "clip.wav", noise(1, 44_100, 2), 44_100, "FLOAT")
    line = timeline(22_050, bpm=133, sections=[("a", "2 bars"), ("b", "2 bars")])
    context = on(line, 2, file=tmp_path / "clip.wav")
    before = rendered(entry, context, ["b"])
    small_blocks(size)
    assert np.array_equal(rendered(entry, context, ["b"]), before)


# --- the reference as a stem ------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1.5, 2.0, 3.0])
def test_the_reference_is_untouched(tmp_path, seconds):
    clip = noise(seconds, channels=2)
    sf.write(tmp_path / "reference.wav", clip, 8_000, "FLOAT")
    source = sources.make({"reference": {}})
    assert source.needs_reference and not source.needs_timeline
    out = rendered({"reference": {}}, on(timeline(length="2 s"), 2, reference=tmp_path / "reference.wav"))
    assert np.array_equal(out[: len(clip)], clip[:16_000])
    assert len(out) == 16_000 and not out[len(clip) :].any()


# --- only in some sections --------------------------------------------------------------------


def test_only_in_sections():
    line = timeline(
        bpm=97, sections=[("a", "1 bar"), ("b", "2 bars"), ("c", "1 bar"), ("b", "1 bar"), ("d", "3 beats")]
    )
    entry = {"tone": {"note": "A4"}}
    all_over, out = rendered(entry, on(line)), rendered(entry, on(line), ["b"])
    assert out.shape == all_over.shape == (line.frames, 1)
    edges = [rounded(Fraction(240 * bars, 97)) for bars in (1, 3, 4, 5)]
    inside = [np.arange(edges[0], edges[1]), np.arange(edges[2], edges[3])]
    outside = np.setdiff1d(np.arange(line.frames), np.concatenate(inside))
    assert not out[outside].any()
    for span in inside:  # 2 ms in and 10 ms out
        assert np.array_equal(out[span[16:-80]], all_over[span[16:-80]])
        assert abs(out[span[0], 0]) < 0.01 and abs(out[span[-1], 0]) < 0.01
        assert np.all(np.abs(out[span]) <= np.abs(all_over[span]))


def test_neighbouring_sections_have_no_seam():
    line = timeline(sections=[("a", "1 bar"), ("b", "1 bar"), ("c", "1 bar")])
    entry = {"tone": {"note": "A4"}}
    all_over, out = rendered(entry, on(line)), rendered(entry, on(line), ["b", "a"])
    assert np.array_equal(out[16 : 32_000 - 80], all_over[16 : 32_000 - 80])


def test_a_section_that_there_is_not():
    with pytest.raises(ValueError, match="no section named x; the song has a"):
        rendered({"tone": {"note": "A4"}}, on(timeline(sections=[("a", "1 bar")])), ["x"])
