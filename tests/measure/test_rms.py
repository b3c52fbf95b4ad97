"""RMS and noise floor, in whatever blocks a file comes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from audio_signals import fed, sine
from drawn_samples import VALUES, block_sizes, samples_of
from hypothesis import given

from stemwright.measure.rms import Rms


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
