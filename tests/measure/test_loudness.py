"""Loudness against the EBU's test signals (Tech 3341, 3342), its definition, ffmpeg and closed forms."""

from __future__ import annotations

import math
import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_signals import RATE, fed, music, sine
from hypothesis import given, settings
from hypothesis import strategies as st
from marks import long_but
from scipy import signal

from stemwright.measure import loudness, measure
from stemwright.measure.loudness import Loudness
from stemwright.measure.true_peak import TruePeak

BAD = [math.nan, math.inf, -math.inf]
SIZES = [65_536] * 99
RATES = [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000]


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


@pytest.mark.parametrize("seconds", [60.39, 60.4, 60.41, 125.0])
def test_windows_do_not_depend_on_how_many_are_worked_out_at_a_time(monkeypatch, seconds):
    """One each 10 ms, from the first that is whole to the last, across the minutes in which they are worked out."""
    samples = np.random.default_rng(5).normal(0, 0.1, (round(seconds * 8_000), 1))
    samples *= np.abs(np.sin(np.arange(len(samples)) / 9_000))[:, None]

    def measured():
        meter = Loudness()
        meter.start(8_000, 1)
        meter.feed(samples)
        return meter.momentary, meter.short_term, meter.integrated, meter.range

    found = measured()
    steps = len(samples) // 80
    assert (len(found[0]), len(found[1])) == (steps - 39, steps - 299)
    monkeypatch.setattr(loudness, "_WINDOWS", 10**9)
    assert all(np.array_equal(one, other) for one, other in zip(found, measured(), strict=True))


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


# --- the definitions, written out --------------------------------------------------------------


def pattern(rate, channels):
    """Music, then silence, then music at another level: 25 s."""
    loud = music(rate, channels)
    return np.concatenate([loud, np.zeros((rate * 5, channels)), 0.1 * loud])


def k_weighted(samples):
    """At 48 kHz, by the published coefficients (BS.1770-5, annex 1, tables 1 and 2)."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585]
    high_pass = [1, -2, 1], [1, -1.99004745483398, 0.99007225036621]
    for b, a in (shelf, high_pass):
        samples = signal.lfilter(b, a, samples, axis=0)
    return samples


def mean_powers(samples, seconds, every):
    """Of all windows, each from its samples alone."""
    size, hop = round(RATE * seconds), round(RATE * every)
    return np.array([np.mean(samples[at : at + size] ** 2) for at in range(0, len(samples) - size + 1, hop)])


@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_is_as_defined(channels):
    """BS.1770-5, annex 1, equations 2 to 7."""
    samples = pattern(RATE, channels)
    meter = fed(Loudness(), samples, [10_007] * 999)
    weighted = k_weighted(samples)
    sides = list(weighted.T)
    for seconds, found in ((0.4, meter.momentary), (3.0, meter.short_term)):
        powers = 10**-0.0691 * sum(mean_powers(side, seconds, 0.01) for side in sides)
        assert 10 ** (found / 10) == pytest.approx(powers, rel=1e-9, abs=1e-20)

    def integrated(sides):
        blocks = sum(mean_powers(side, 0.4, 0.1) for side in sides)
        levels = -0.691 + 10 * np.log10(np.maximum(blocks, 1e-99))
        relative = -0.691 + 10 * math.log10(blocks[levels > -70].mean()) - 10
        return -0.691 + 10 * math.log10(blocks[(levels > -70) & (levels > relative)].mean())

    assert meter.integrated == pytest.approx(integrated(sides), abs=1e-6)
    if channels == 2:
        assert meter.mono == pytest.approx(integrated([weighted.mean(axis=1)] * 2), abs=1e-6)
    else:
        assert meter.mono is None


@pytest.mark.parametrize("rate", RATES)
def test_a_full_scale_sine_of_997_Hz_on_one_side_is_at_minus_3_01(rate):
    """BS.1770-5, annex 1: to which the sum is calibrated."""
    samples = sine(0, 5, 997, rate=rate) * [1, 0]
    assert fed(Loudness(), samples, rate=rate).integrated == pytest.approx(-3.01, abs=0.05)


# --- ffmpeg -----------------------------------------------------------------------------------


def ffmpeg_ebur128(ffmpeg, path):
    """Integrated loudness, loudness range and true peak, as ffmpeg's ebur128 has them."""
    graph = "ebur128=peak=true"
    command = [ffmpeg, "-nostdin", "-i", str(path), "-filter_complex", graph, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = said.rpartition("Summary:")[2]
    return tuple(float(re.search(rf"{name}:\s+(\S+)", summary)[1]) for name in ("I", "LRA", "Peak"))


def ffmpeg_every_100_ms(ffmpeg, path):
    """`I`, `M` and `S` to three decimals, so far, at each tenth of a second."""
    graph = "ebur128=metadata=1,ametadata=print:file=-"
    command = [ffmpeg, "-nostdin", "-i", str(path), "-filter_complex", graph, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {
        name: np.array([float(value) for value in re.findall(rf"r128\.{name}=(\S+)", said)]) for name in "IMS"
    }


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", long_but((11_025, 44_100, 48_000), RATES))
def test_ffmpeg_weighs_the_same(tmp_path, needs, rate, channels):
    """At 11,025 and 22,050 Hz a step of ours, in whole frames, is 0.2 % short of 10 ms: its windows come sooner."""
    ffmpeg = needs("ffmpeg")
    path = tmp_path / "music.wav"
    samples = pattern(rate, channels)
    sf.write(path, samples, rate, "DOUBLE")
    meter = fed(Loudness(), samples, rate=rate)
    within = 0.02 if rate % 100 == 0 else 0.1
    by_ffmpeg = ffmpeg_every_100_ms(ffmpeg, path)
    assert by_ffmpeg["I"][-1] == pytest.approx(meter.integrated, abs=within)
    if rate % 100 == 0:
        for name, found, skipped in (("M", meter.momentary, 3), ("S", meter.short_term, 29)):
            theirs, found = by_ffmpeg[name][skipped:], found[::10]
            both = min(len(theirs), len(found))
            assert both >= len(found) - 1
            loud = found[:both] > -70
            assert np.abs(theirs[:both] - found[:both])[loud].max() < 0.001


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
@pytest.mark.parametrize("dual_mono, expected", [(False, -26.01), (True, -23.0)])
def test_a_mono_file_is_one_channel_unless_it_is_dual(rate, dual_mono, expected):
    """Tech 3341, case 1, from one loudspeaker and from two."""
    samples = sine(-23, 5, channels=1, rate=rate)
    assert fed(Loudness(dual_mono), samples, rate=rate).integrated == pytest.approx(expected, abs=0.1)
    assert fed(Loudness(dual_mono), np.tile(samples, 2), rate=rate).integrated == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("ms", [5, 20, 100, 399])
@pytest.mark.parametrize("channels, dual_mono, one", [(2, False, 0), (1, True, 0), (1, False, -3.0103)])
def test_a_one_shot_is_as_loud_as_its_energy_over_400_ms(ms, channels, dual_mono, one):
    """A sine of so many ms has ms/400 of the power of one of 400 ms, to what the filter adds at its edges."""
    samples = sine(-20, ms / 1000, 1_000, channels=channels, rate=48_000)
    meter = fed(Loudness(dual_mono), samples, rate=48_000)
    expected = pytest.approx(-20 + one + 10 * math.log10(ms / 400), abs=0.15)
    assert meter.integrated == meter.max_momentary == expected
    assert meter.max_short_term == pytest.approx(meter.integrated - 10 * math.log10(3 / 0.4), abs=1e-6)
    assert meter.seconds == pytest.approx(ms / 1000, abs=1e-3)


@pytest.mark.parametrize("channels", [1, 2])
def test_ffmpeg_measures_a_one_shot_that_silence_follows_the_same(tmp_path, needs, channels):
    samples = music(48_000, channels)[: 48_000 // 5]
    sf.write(
        tmp_path / "a.wav", np.concatenate((samples, np.zeros((48_000 // 5, channels)))), 48_000, "FLOAT"
    )
    theirs = ffmpeg_every_100_ms(needs("ffmpeg"), tmp_path / "a.wav")["M"]
    assert fed(Loudness(), samples, rate=48_000).integrated == pytest.approx(theirs[-1], abs=0.02)


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


@pytest.mark.parametrize("sizes", [(), [65_536] * 9, [4_801] * 99])
def test_after_sound_comes_silence(sizes):
    """The filter dies away, to nothing, and no block's end is heard in it."""
    samples = np.concatenate([music(8_000, 2), np.zeros((16_000, 2)), music(8_000, 2)])
    momentary = fed(Loudness(), samples, sizes, 8_000).momentary
    assert np.array_equal(momentary, fed(Loudness(), samples, [80] * 2_000, 8_000).momentary)
    assert momentary[1_000:].argmin() < 90 and momentary[1_100] == -math.inf
    assert np.isfinite(momentary[1_201:]).all()


# --- what cannot be measured ------------------------------------------------------------------


@pytest.mark.parametrize("level", [-math.inf, -75])
def test_under_the_absolute_gate_there_is_no_loudness(level):
    meter = fed(Loudness(), sine(level, 4))
    assert meter.integrated is meter.range is None
    assert meter.fault == "nothing in it is above -70 LUFS"
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
    assert meter.fault == peak.fault == "a sample is not finite"
