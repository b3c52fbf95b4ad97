"""Effects on the middle and on the side, against those by hand."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, noise
from scipy import signal

from stemwright.effects import make
from stemwright.effects.compressor import Compressor
from stemwright.music.render_context import RenderContext

SIDE = [{"highpass": {"cutoff_hz": 150.0, "order": 2}}, {"gain": {"gain_db": 6.0}}]


def test_the_side_is_filtered_and_the_middle_is_not():
    left, right = noise(5_000).T
    side = signal.sosfilt(signal.butter(2, 150, "high", fs=RATE, output="sos"), (left - right) / 2) * 10**0.3
    expected = np.column_stack(((left + right) / 2 + side, (left + right) / 2 - side))
    found = apply({"mid_side": {"side": SIDE}}, np.column_stack((left, right)), lengths=[10, 3_000])
    assert np.allclose(found, expected, rtol=0, atol=1e-10)


def test_gains_of_the_middle_and_of_the_side():
    samples = noise(100)
    keys = {"mid": [{"gain": {"gain_db": 20.0}}], "side": [{"polarity": {}}]}
    (left, right), found = samples.T, apply({"mid_side": keys}, samples)
    assert np.allclose(found[:, 0], 10 * (left + right) / 2 - (left - right) / 2, rtol=0, atol=1e-12)
    assert np.allclose(found[:, 1], 10 * (left + right) / 2 + (left - right) / 2, rtol=0, atol=1e-12)


def test_a_chain_that_reads_it_all_first():
    """A zero-phase filter gives nothing before it has read to the end, the other chain gives each block at once."""
    samples = noise(200_000)
    zero_phase = {"lowpass": {"cutoff_hz": 2_000.0, "zero_phase": True}}
    found = apply({"mid_side": {"mid": [zero_phase]}}, samples, lengths=[50_000] * 3)
    mid = apply(zero_phase, samples.mean(axis=1, keepdims=True))
    assert np.allclose(found.mean(axis=1, keepdims=True), mid, rtol=0, atol=1e-12)
    assert np.allclose(found[:, 0] - found[:, 1], samples[:, 0] - samples[:, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "side, law, adds",
    [
        ([], "linear", False),
        (SIDE, "linear", False),
        ([*SIDE, {"compressor": {"threshold_db": -20.0}}], Compressor.sum_law, False),
        ([{"ladder": {"cutoff_hz": 900.0}}], "none", True),
    ],
)
def test_it_is_what_its_effects_are(side, law, adds):
    effect = make({"mid_side": {"side": side}})
    assert effect.sum_law == ("linear" if law == "linear" else "none")
    assert effect.adds_frequencies is adds


def test_what_its_effects_need_is_what_it_needs():
    effect = make(
        {
            "mid_side": {
                "side": [{"tremolo": {"length": "1/8"}}],
                "mid": [{"eq": {"bands": [{"notch": {"frequency_hz": 5_000.0}}]}}],
            }
        }
    )
    assert effect.needs_timeline
    assert {"stemwright.effects.tremolo", "stemwright.effects.bands.notch"} <= set(effect.modules())
    where = ("mid", 0, "eq", "bands", 0, "notch", "frequency_hz")
    timeless = make({"mid_side": effect.entry()["mid_side"] | {"side": []}})
    assert [place for place, _ in timeless.problems(RenderContext(8_000, 2, 100))] == [where]


def test_left_has_no_place_in_one_channel():
    effect = make({"mid_side": {"mid": [{"polarity": {"channel": "left"}}]}})
    message = "channel must be both where there is one channel only (is left)"
    assert list(effect.problems(RenderContext(RATE, 2, 100))) == [(("mid", 0, "polarity"), message)]
