"""The tone: exact to a hundredth of a hertz, hour after hour."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from rendering import rendered

from stemwright import sources
from stemwright.music.render_context import RenderContext


def whole(seconds, rate=8_000, channels=1):
    return RenderContext(rate, channels, round(seconds * rate))


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


@pytest.mark.parametrize("start", [0, 1, 255, 256, 65_536, 100_000])
def test_a_frame_is_the_same_wherever_a_block_begins(start, monkeypatch):
    whole_tone = rendered({"tone": {"frequency_hz": 441.0}}, whole(20))
    monkeypatch.setattr("stemwright.sources.tone.BLOCK", max(start, 999))
    assert np.array_equal(rendered({"tone": {"frequency_hz": 441.0}}, whole(20)), whole_tone)
