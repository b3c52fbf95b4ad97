"""Meters of samples, in whatever blocks a file comes, and the one pass that feeds all of them."""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
import pytest
import soundfile as sf
from audio_signals import RATE, fed, music, sine
from hypothesis import given
from hypothesis import strategies as st

from stemwright.base.errors import AudioFileError
from stemwright.measure import measure
from stemwright.measure.levels import Finite, FullScaleRuns, Levels
from stemwright.measure.rms import Rms

VALUES = [0.0, 0.2, -0.3, 0.98, 0.99, -0.99, 1.0, -1.0, 1.5]
BAD = [math.nan, math.inf, -math.inf]


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


# --- RMS and noise floor ----------------------------------------------------------------------


@given(samples_of(VALUES), block_sizes)
def test_rms(samples, sizes):
    power = np.mean(np.square(samples))
    found = fed(Rms(), samples, sizes).rms
    assert found == pytest.approx(10 * math.log10(power)) if power else found == -math.inf


def test_rms_of_a_sine_is_3_db_under_its_peak():
    assert fed(Rms(), sine(-20, 2), [777] * 50).rms == pytest.approx(-23.01, abs=0.01)
    assert fed(Rms(), sine(-20, 2) * [1, 0]).rms == pytest.approx(-26.02, abs=0.01)


@pytest.mark.parametrize("sizes", [(), (4_801,) * 99])
def test_the_noise_floor_is_the_quietest_half_second(sizes):
    samples = np.concatenate([sine(-20, 3.003), sine(-60, 0.52), sine(-20, 2)])
    assert fed(Rms(), samples, sizes).noise_floor == pytest.approx(-63.01, abs=0.01)
    brief = np.concatenate([sine(-20, 3.003), sine(-60, 0.4), sine(-20, 2)])
    assert fed(Rms(), brief, sizes).noise_floor == pytest.approx(-30, abs=0.2)  # a fifth of it is loud
    silent = np.concatenate([sine(-20, 3), sine(-math.inf, 1)])
    assert fed(Rms(), silent, sizes).noise_floor == -math.inf


def test_what_has_no_rms_and_no_noise_floor():
    assert fed(Rms(), sine(-20, 0.49)).noise_floor is None
    bad = sine(-20, 2)
    bad[5, 1] = math.nan
    assert fed(Rms(), bad).rms is fed(Rms(), bad).noise_floor is None


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
