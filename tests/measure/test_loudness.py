"""Loudness against the EBU's test signals (Tech 3341, 3342), libebur128, ffmpeg and closed forms."""

from __future__ import annotations

import math
import re
import subprocess

import numpy as np
import pyebur128 as ebu
import pytest
import soundfile as sf
from audio_signals import RATE, fed, music, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.measure import measure
from stemwright.measure.loudness import Loudness
from stemwright.measure.true_peak import TruePeak

BAD = [math.nan, math.inf, -math.inf]
SIZES = [65_536] * 99


def steps(*levels_and_seconds):
    return np.concatenate([sine(level, seconds) for level, seconds in levels_and_seconds])


# --- EBU Tech 3341 ----------------------------------------------------------------------------

PROGRAMMES = {
    1: [(-23, 20)],
    2: [(-33, 20)],
    3: [(-36, 10), (-23, 60), (-36, 10)],
    4: [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    5: [(-26, 20), (-20, 20.1), (-26, 20)],
}


@pytest.mark.parametrize("case", PROGRAMMES)
def test_integrated_loudness_of_ebu_signals(case):
    expected = -33 if case == 2 else -23
    assert fed(Loudness(), steps(*PROGRAMMES[case]), SIZES).integrated == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("case, level", [(1, -23), (2, -33)])
def test_a_steady_tone_is_as_loud_at_every_moment(case, level):
    meter = fed(Loudness(), steps(*PROGRAMMES[case]), SIZES)
    for found in (meter.momentary, meter.short_term):
        assert np.abs(found - level).max() <= 0.1
    assert (len(meter.momentary), len(meter.short_term)) == (1961, 1701)  # one each 10 ms
    assert meter.max_momentary == pytest.approx(level, abs=0.1)
    assert meter.max_short_term == pytest.approx(level, abs=0.1)


def test_short_term_case_9():
    meter = fed(Loudness(), steps(*[(-20, 1.34), (-30, 1.66)] * 5), SIZES)
    assert np.abs(meter.short_term + 23).max() <= 0.1  # from 3 s on, where its first window is full


@pytest.mark.parametrize("i", range(20))
def test_max_short_term_case_10(i):
    samples = steps((-math.inf, i * 0.15), (-23, 3), (-math.inf, 1))
    assert fed(Loudness(), samples, SIZES).max_short_term == pytest.approx(-23, abs=0.1)


def test_momentary_case_12():
    momentary = fed(Loudness(), steps(*[(-20, 0.18), (-30, 0.22)] * 25), SIZES).momentary
    assert np.abs(momentary[60:] + 23).max() <= 0.1  # from 1 s on


@pytest.mark.parametrize("i", range(20))
def test_max_momentary_case_13(i):
    samples = steps((-math.inf, i * 0.02), (-23, 0.4), (-math.inf, 1))
    assert fed(Loudness(), samples, SIZES).max_momentary == pytest.approx(-23, abs=0.1)


# --- EBU Tech 3342 ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "levels, expected",
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_loudness_range_of_ebu_signals(levels, expected):
    samples = steps(*((level, 20) for level in levels))
    assert fed(Loudness(), samples, SIZES).range == pytest.approx(expected, abs=1)


def test_the_range_of_a_steady_tone_is_nothing_and_silence_does_not_count():
    samples = steps((-math.inf, 10), (-23, 20), (-math.inf, 10))
    assert fed(Loudness(), steps((-23, 20)), SIZES).range == pytest.approx(0, abs=0.01)
    assert fed(Loudness(), samples, SIZES).range < 4  # the windows at its edges, no more


# --- the library, and ffmpeg ------------------------------------------------------------------


def pattern(rate, channels):
    """Music, then silence, then music at another level: 25 s."""
    loud = music(rate, channels)
    return np.concatenate([loud, np.zeros((rate * 5, channels)), 0.1 * loud])


@pytest.mark.parametrize("rate, channels", [(48_000, 2), (48_000, 1), (44_100, 2), (16_000, 2), (96_000, 2)])
def test_the_library_measures_the_same(rate, channels):
    samples = pattern(rate, channels)
    meter = fed(Loudness(), samples, [10_007] * 999, rate)
    modes = ebu.MeasurementMode
    state = ebu.R128State(channels, rate, modes.MODE_I | modes.MODE_S)
    if channels == 1:
        state.set_channel(0, ebu.ChannelType.DUAL_MONO)
    step = rate // 100
    momentary, short_term = [], []
    for at in range(0, len(samples), step):
        state.add_frames(samples[at : at + step].reshape(-1), step)
        momentary.append(ebu.get_loudness_momentary(state))
        short_term.append(ebu.get_loudness_shortterm(state))
    assert meter.integrated == pytest.approx(ebu.get_loudness_global(state), abs=0.01)
    for found, theirs in ((meter.momentary, momentary[39:]), (meter.short_term, short_term[299:])):
        assert len(found) == len(theirs)
        assert np.allclose(10 ** (found / 10), 10 ** (np.array(theirs) / 10), rtol=1e-6, atol=1e-12)


def ffmpeg_ebur128(ffmpeg, path):
    """Integrated loudness, loudness range and true peak, as ffmpeg's ebur128 has them."""
    graph = "ebur128=peak=true:dualmono=true"
    command = [ffmpeg, "-nostdin", "-i", str(path), "-filter_complex", graph, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = said.rpartition("Summary:")[2]
    return tuple(float(re.search(rf"{name}:\s+(\S+)", summary)[1]) for name in ("I", "LRA", "Peak"))


@pytest.mark.parametrize("rate, channels", [(44_100, 2), (48_000, 1), (48_000, 2), (96_000, 2)])
def test_ffmpeg_measures_the_same(tmp_path, needs, rate, channels):
    ffmpeg = needs("ffmpeg")
    path = tmp_path / "music.wav"
    sf.write(path, pattern(rate, channels), rate, "FLOAT")
    loudness, peak = Loudness(), TruePeak()
    measure(path, [loudness, peak])
    integrated, width, highest = ffmpeg_ebur128(ffmpeg, path)
    assert loudness.integrated == pytest.approx(integrated, abs=0.1)
    assert loudness.range == pytest.approx(width, abs=0.5)
    assert peak.true_peak == pytest.approx(highest, abs=0.2)


# --- closed forms -----------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_mono_file_is_as_loud_as_from_both_loudspeakers(rate, channels):
    samples = sine(-23, 5, channels=channels, rate=rate)
    assert fed(Loudness(), samples, rate=rate).integrated == pytest.approx(-23, abs=0.1)


def test_one_side_is_3_lu_less():
    assert fed(Loudness(), sine(-23, 5) * [1, 0]).integrated == pytest.approx(-26.01, abs=0.1)


@given(st.lists(st.integers(1, 5_000), max_size=9))
@settings(max_examples=25, deadline=None)
def test_nothing_hangs_on_blocks(sizes):
    samples = np.random.default_rng(3).normal(0, 0.1, (32_000, 2))
    whole, parts = (fed(Loudness(), samples, blocks, 8_000) for blocks in ((), sizes))
    for name in ("integrated", "max_momentary", "max_short_term", "range"):
        assert getattr(whole, name) == getattr(parts, name) is not None
    whole, parts = (fed(TruePeak(), samples, blocks, 8_000) for blocks in ((), sizes))
    assert whole.true_peak == parts.true_peak is not None


# --- what cannot be measured ------------------------------------------------------------------


def test_loudness_needs_its_windows():
    samples = sine(-23, 3)
    meter = fed(Loudness(), samples)
    assert meter.max_short_term == pytest.approx(-23, abs=0.1) and meter.range == 0
    meter = fed(Loudness(), samples[:-1])
    assert meter.max_short_term is meter.range is None
    assert meter.max_momentary == pytest.approx(-23, abs=0.1)
    assert meter.fault(3.0) == "it is under 3 s long"
    meter = fed(Loudness(), samples[: round(0.4 * RATE)])
    assert meter.integrated == pytest.approx(-23, abs=0.2)
    meter = fed(Loudness(), samples[: round(0.4 * RATE) - 1])
    assert meter.integrated is meter.max_momentary is None
    assert meter.fault() == "it is under 0.4 s long"


@pytest.mark.parametrize("level", [-math.inf, -75])
def test_under_the_absolute_gate_there_is_no_loudness(level):
    meter = fed(Loudness(), sine(level, 4))
    assert meter.integrated is meter.range is None
    assert meter.fault() == "nothing in it is above -70 LUFS"
    highest = None if level == -math.inf else pytest.approx(level, abs=0.1)
    assert meter.max_momentary == highest and meter.max_short_term == highest


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("sizes", [(), (4_800,) * 20])
def test_what_is_not_finite_cannot_be_measured(bad, sizes):
    samples = sine(-23, 4)
    samples[RATE // 2, 1] = bad
    meter, peak = fed(Loudness(), samples, sizes), fed(TruePeak(), samples, sizes)
    assert {meter.integrated, meter.max_momentary, meter.max_short_term, meter.range, peak.true_peak} == {
        None
    }
    assert meter.fault() == meter.fault(3.0) == peak.fault == "a sample is not finite"
