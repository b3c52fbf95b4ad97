"""Recordings that are shifted to match another one."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from rendering import noise, on, rendered, timeline
from scipy import signal

from stemwright import sources
from stemwright.base.errors import StemwrightError

S = 8_000
LINE = timeline(length="3 bars")  # 6 s
TAKE = (0.3 * np.convolve(noise(2)[:, 0], np.hanning(32) / 8, "same") * np.hanning(2 * S)).astype(np.float32)


def guide(frames):
    """The take in silence, from a frame on that need not be whole, by a shift in the frequency domain."""
    wide = np.zeros(LINE.frames)
    wide[: len(TAKE)] = TAKE
    turns = np.exp(-2j * np.pi * frames * np.fft.rfftfreq(len(wide)))
    return np.fft.irfft(np.fft.rfft(wide) * turns, len(wide))


@pytest.fixture
def aligned(tmp_path):
    """Align the take with a guide: what sounds, and what its job warns of."""

    def align(samples, take=TAKE, rate=S, keys=(), **source):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()  # in a job, a path is always one and the same file
        sf.write(folder / "take.wav", take, S, "FLOAT")
        sf.write(folder / "guide.wav", samples, rate, "DOUBLE")
        entry = {"audio": {"file": "t.wav", "align": {"file": "g.wav", **dict(keys)}, **source}}
        context = on(LINE, file=folder / "take.wav", **{"align.file": folder / "guide.wav"})
        assert list(sources.make(entry).problems(context)) == []
        return rendered(entry, context)[:, 0], list(sources.make(entry).remarks(context))

    return align


@pytest.mark.parametrize("frames", [0, 800, 4_321])
def test_whole_frames_are_bit_equal(aligned, frames, capsys):
    out, warnings = aligned(guide(frames))
    assert np.array_equal(out[frames : frames + len(TAKE)], TAKE)
    assert not out[:frames].any() and not out[frames + len(TAKE) :].any()
    assert warnings == []
    log = f"shifted take.wav to match guide.wav: by {frames / 8:+.3f} ms ({frames:+.2f} frames), correlation 1.00"
    assert log in capsys.readouterr().out


@pytest.mark.parametrize("frames", [800.5, 4_321.27])
def test_what_is_between_two_frames_is_interpolated(aligned, frames):
    wanted = guide(frames)
    out, _ = aligned(wanted)
    assert np.sum((out - wanted)[S // 8 :] ** 2) < 1e-6 * np.sum(wanted**2)  # -60 dB


def test_earlier_than_written_and_before_the_song(aligned):
    """What would sound before the song is cut; fades and length move with it."""
    wanted = guide(400)
    out, _ = aligned(wanted, at="1 s", fade_out="0.5 s")
    assert np.array_equal(out[400 : 400 + 3 * S // 2], TAKE[: 3 * S // 2]) and not out[400 + 2 * S :].any()
    fade = np.cos(np.pi / 2 * (np.arange(S // 2) + 0.5) / (S // 2)) ** 2
    assert out[400 + 3 * S // 2 : 400 + 2 * S] == pytest.approx(TAKE[-S // 2 :] * fade, abs=1e-7)
    early = np.append(TAKE[1_000:], np.zeros(LINE.frames - len(TAKE) + 1_000))
    out, _ = aligned(early)
    assert np.array_equal(out[: len(TAKE) - 1_000], TAKE[1_000:])


def test_where_the_guide_stands(aligned):
    """At another rate, and with two seconds before the song: the reference of many bands."""
    samples = np.append(np.zeros(4 * S), np.repeat(guide(1_600), 2))
    out, _ = aligned(samples, rate=2 * S, keys={"start": "2 s"}.items())
    late = np.argmax(signal.correlate(out, TAKE, "valid", method="fft"))
    assert late == 1_600
    out, _ = aligned(guide(1_600), keys={"at": "bar 2", "search": "4 s"}.items())
    assert np.argmax(signal.correlate(out, TAKE, "valid", method="fft")) == 1_600 + 2 * S


def test_bars_to_be_edited_are_those_of_the_song(aligned):
    """The recording stands elsewhere than is written, and bar 2 is silent all the same."""
    out, _ = aligned(
        guide(S),
        at="0.5 s",
        edits=[{"silence": {"start": "bar 1 beat 4", "end": "bar 2", "crossfade": "0 s"}}],
    )
    expected = guide(S)
    expected[3 * S // 2 : 2 * S] = 0
    assert out == pytest.approx(expected, abs=1e-6)


def test_weak_matches_and_inverted_polarity_are_told(aligned):
    other = np.random.default_rng(9).normal(0, 0.1, LINE.frames)
    _, (warning,) = aligned(other)
    assert "shifted take.wav to match guide.wav, but the match is weak or ambiguous: " in warning
    out, (warning,) = aligned(-guide(800))
    assert np.array_equal(out[800 : 800 + len(TAKE)], TAKE)
    assert "its polarity is inverted" in warning


def test_nothing_in_common(aligned):
    with pytest.raises(StemwrightError, match="within 1 s, they never sound at the same time"):
        aligned(guide(800), take=np.append(np.zeros(1, np.float32), np.zeros(S, np.float32)))


def test_where_the_guide_stands_is_checked():
    align = {"file": "g.wav", "at": "bar 9"}
    source = sources.make({"audio": {"file": "a.wav", "align": align}})
    assert source.needs_timeline and ("align", "file") in dict(source.input_files())
    ((_, told),) = source.problems(on(LINE))
    assert told == "align.at must lie before the song's end at 6.000 s (is 'bar 9')"
    assert not sources.make({"audio": {"file": "a.wav", "align": {"file": "g.wav"}}}).needs_timeline
