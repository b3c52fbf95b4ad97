"""Meters, in whatever blocks a file comes, against numpy, ffmpeg and the EBU's test signals (Tech 3341)."""

from __future__ import annotations

import math
import re
import subprocess
from itertools import groupby

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.errors import AudioFileError
from stemwright.measure import measure
from stemwright.measure.levels import Finite, FullScaleRuns, Levels
from stemwright.measure.loudness import Loudness

RATE = 48_000
VALUES = [0.0, 0.2, -0.3, 0.98, 0.99, -0.99, 1.0, -1.0, 1.5]
BAD = [math.nan, math.inf, -math.inf]


def fed(meter, samples, sizes=(), rate=RATE):
    """The meter after samples, shape (frames, channels), in blocks of these sizes and the rest in one."""
    meter.start(rate, samples.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):
        for block in np.split(samples, np.minimum(np.cumsum(sizes or [0]), len(samples))):
            if len(block):
                meter.feed(block)
    return meter


def sine(level_db, seconds, hertz=1000, channels=2, rate=RATE, degrees=0.0):
    """A sine of a peak level in dBFS on every channel."""
    n = np.arange(round(seconds * rate))
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz / rate * n + np.radians(degrees))
    return np.repeat(wave[:, None], channels, axis=1)


def samples_of(values):
    rows = st.integers(1, 2).flatmap(
        lambda channels: st.lists(
            st.lists(st.sampled_from(values), min_size=channels, max_size=channels), min_size=1
        )
    )
    return rows.map(np.array)


block_sizes = st.lists(st.integers(1, 9), max_size=30)

# --- levels -----------------------------------------------------------------------------------


@given(samples_of(VALUES + BAD), block_sizes)
def test_finite(samples, sizes):
    meter = fed(Finite(), samples, sizes)
    bad = [(frame, value) for frame, row in enumerate(samples) for value in row if not math.isfinite(value)]
    assert meter.bad == len(bad)
    assert meter.first == (bad[0][0] if bad else None)


def test_finite_takes_large_numbers_for_what_they_are():
    assert fed(Finite(), np.full((4, 1), 1e308)).bad == 0  # though their sum is infinite


@given(samples_of(VALUES + BAD), block_sizes)
def test_levels(samples, sizes):
    meter = fed(Levels(), samples, sizes)
    assert meter.frames == len(samples)
    assert meter.peak == max((abs(x) for row in samples.tolist() for x in row if math.isfinite(x)), default=0)
    for mean, column in zip(meter.means, samples.T.tolist(), strict=True):
        if all(map(math.isfinite, column)):
            assert mean == pytest.approx(math.fsum(column) / len(column), abs=1e-12)
        else:
            assert not math.isfinite(mean)


def test_a_file_without_frames_has_no_mean():
    meter = Levels()
    meter.start(RATE, 2)
    assert np.isnan(meter.means).all() and meter.frames == 0


@given(samples_of(VALUES), block_sizes, st.sampled_from([0.5, 0.99, 1.0]), st.integers(1, 4))
def test_full_scale_runs(samples, sizes, level, consecutive):
    meter = fed(FullScaleRuns(level, consecutive), samples, sizes)
    runs = []
    for column in samples.T.tolist():
        at = 0
        for is_loud, group in groupby(abs(value) >= level for value in column):
            length = len(list(group))
            runs += [(at, length)] if is_loud else []
            at += length
    counted = [run for run in runs if run[1] >= consecutive]
    assert meter.runs == len(counted)
    assert meter.longest == max((length for _, length in runs), default=0)
    assert meter.first == min((at for at, _ in counted), default=None)


def test_a_run_through_many_blocks_is_one():
    samples = np.zeros((100, 2))
    samples[10:90, 1] = -1
    meter = fed(FullScaleRuns(0.99, 3), samples, [1] * 100)
    assert (meter.runs, meter.longest, meter.first) == (1, 80, 10)


# --- loudness ---------------------------------------------------------------------------------

EBU_3341 = {
    1: [(-23, 20)],
    2: [(-33, 20)],
    3: [(-36, 10), (-23, 60), (-36, 10)],
    4: [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    5: [(-26, 20), (-20, 20.1), (-26, 20)],
}
EBU_TRUE_PEAK = {
    15: (0.50, 4, 0.0, -6.0),
    16: (0.50, 4, 45.0, -6.0),
    17: (0.50, 6, 60.0, -6.0),
    18: (0.50, 8, 67.5, -6.0),
    19: (1.41, 4, 45.0, 3.0),
}


@pytest.mark.parametrize("case", EBU_3341)
def test_integrated_loudness_of_ebu_signals(case):
    samples = np.concatenate([sine(level, seconds) for level, seconds in EBU_3341[case]])
    expected = -33 if case == 2 else -23
    assert fed(Loudness(), samples, [65_536] * 99).integrated == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("case", EBU_TRUE_PEAK)
def test_true_peak_of_ebu_signals(case):
    amplitude, parts, degrees, expected = EBU_TRUE_PEAK[case]
    samples = sine(20 * math.log10(amplitude), 1, RATE / parts, degrees=degrees)
    samples *= np.hanning(RATE)[:, None]  # a sine that begins at once does overshoot, between samples
    assert expected - 0.4 <= fed(Loudness(true_peak=True), samples).true_peak <= expected + 0.2


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_mono_file_is_as_loud_as_from_both_loudspeakers(rate, channels):
    assert fed(Loudness(), sine(-23, 5, channels=channels, rate=rate), rate=rate).integrated == pytest.approx(
        -23, abs=0.1
    )


def test_one_side_is_3_lu_less():
    assert fed(Loudness(), sine(-23, 5) * [1, 0]).integrated == pytest.approx(-26.01, abs=0.1)


@given(st.lists(st.integers(1, 5_000), max_size=9))
@settings(max_examples=25, deadline=None)
def test_loudness_does_not_depend_on_blocks(sizes):
    samples = np.random.default_rng(3).normal(0, 0.1, (8_000, 2))
    meters = [fed(Loudness(true_peak=True), samples, blocks, 8_000) for blocks in ((), sizes)]
    assert meters[0].integrated == meters[1].integrated is not None
    assert meters[0].true_peak == meters[1].true_peak is not None


def test_loudness_needs_400_ms():
    samples = sine(-23, 0.4)
    assert fed(Loudness(), samples).integrated == pytest.approx(-23, abs=0.2)
    assert fed(Loudness(), samples[:-1]).integrated is None


@pytest.mark.parametrize("level", [-math.inf, -75])
def test_under_the_absolute_gate_there_is_no_loudness(level):
    assert fed(Loudness(), sine(level, 2)).integrated is None


def test_silence_has_no_true_peak():
    assert fed(Loudness(true_peak=True), np.zeros((RATE, 2))).true_peak is None


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("sizes", [(), (4_800,) * 20])
def test_what_is_not_finite_cannot_be_measured(bad, sizes):
    samples = sine(-23, 2)
    samples[RATE // 2, 1] = bad
    meter = fed(Loudness(true_peak=True), samples, sizes)
    assert meter.integrated is None and meter.true_peak is None


def music(rate, channels):
    """Ten seconds of kicks, a chord and hiss, getting louder, with pauses."""
    t = np.arange(10 * rate) / rate
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-(t % 0.5) / 0.1)
    chord = sum(np.sin(2 * np.pi * f * t + f) for f in (196.0, 246.94, 293.66, 1_567.98)) * (t % 4 < 3)
    hiss = (
        np.random.default_rng(7).normal(0, 1, (len(t), channels))
        * np.exp(-((t + 0.25) % 0.5) / 0.03)[:, None]
    )
    return (0.5 * kick + 0.15 * chord)[:, None] * (0.2 + 0.08 * t)[:, None] + 0.12 * hiss


def ffmpeg_ebur128(ffmpeg, path):
    """Integrated loudness in LUFS and true peak in dBTP, as ffmpeg's ebur128 has them."""
    graph = "ebur128=peak=true:dualmono=true"
    command = [ffmpeg, "-nostdin", "-i", str(path), "-filter_complex", graph, "-f", "null", "-"]
    summary = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition(
        "Summary:"
    )[2]
    return tuple(float(re.search(rf"{name}:\s+(\S+)", summary)[1]) for name in ("I", "Peak"))


@pytest.mark.parametrize("rate, channels", [(44_100, 2), (48_000, 1), (48_000, 2), (96_000, 2)])
def test_ffmpeg_measures_the_same(tmp_path, needs, rate, channels):
    ffmpeg = needs("ffmpeg")
    path = tmp_path / "music.wav"
    sf.write(path, music(rate, channels), rate, "FLOAT")
    meter = Loudness(true_peak=True)
    measure(path, [meter])
    integrated, peak = ffmpeg_ebur128(ffmpeg, path)
    assert meter.integrated == pytest.approx(integrated, abs=0.1)
    assert meter.true_peak == pytest.approx(peak, abs=0.2)


# --- one pass for all -------------------------------------------------------------------------


def test_one_pass_feeds_all_meters(tmp_path):
    samples = music(8_000, 2)
    sf.write(tmp_path / "a.wav", samples, 8_000, "DOUBLE")
    levels, finite, runs = Levels(), Finite(), FullScaleRuns(0.5, 2)
    file = measure(tmp_path / "a.wav", [levels, finite, runs])
    assert (file.rate, file.channels, file.subtype, file.frames) == (8_000, 2, "DOUBLE", 80_000)
    assert levels.frames == 80_000 and finite.bad == 0
    assert levels.peak == np.max(np.abs(samples))
    assert levels.means == pytest.approx(samples.mean(axis=0), abs=1e-12)
    assert runs.runs == fed(FullScaleRuns(0.5, 2), samples, [777] * 200).runs > 0


def test_a_file_that_ends_early_is_not_measured(tmp_path):
    sf.write(tmp_path / "a.flac", music(8_000, 1), 8_000, "PCM_16")
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioFileError):
        measure(tmp_path / "a.flac", [Levels()])
