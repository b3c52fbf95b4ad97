"""The phaser, against the response of its stages, and against a loop over frames."""

from __future__ import annotations

import numpy as np
import pytest
from effect_runs import RATE, apply, decibels, noise

from stemwright.effects import make
from stemwright.music.render_context import RenderContext

FREQUENCIES = np.array([30, 100, 215, 500, 790, 1_000, 3_000, 6_000, 12_000, 20_000])


@pytest.mark.parametrize("feedback", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("mix", [0.5, 1.0])
@pytest.mark.parametrize("centre", [200.0, 800.0, 9_000.0])
def test_response_of_six_stages_at_rest(feedback, mix, centre):
    impulse = np.zeros((40_000, 1))
    impulse[0] = 1
    keys = {"rate_hz": 1.0, "centre_hz": centre, "octaves": 0.0, "feedback": feedback, "mix": mix}
    fourier = np.exp(-2j * np.pi * FREQUENCIES[:, None] * np.arange(40_000) / RATE)
    found = fourier @ apply({"phaser": keys}, impulse)[:, 0]
    s = 1j * np.tan(np.pi * FREQUENCIES / RATE) / np.tan(np.pi * centre / RATE)
    stages = ((1 - s) / (1 + s)) ** 6
    assert found == pytest.approx(1 - mix + mix * stages / (1 - feedback * stages), abs=1e-6)


def test_its_notches_are_where_the_stages_shift_by_half_a_turn():
    """-12 arctan(f / centre) is an odd number of half turns: at the centre times tan of 15°, 45°, 75°."""
    impulse = np.zeros((4 * RATE, 1))
    impulse[0] = 1
    found = apply({"phaser": {"rate_hz": 1.0, "centre_hz": 1_000.0, "octaves": 0.0}}, impulse)
    response = np.abs(np.fft.rfft(found[:, 0]))
    warp = np.tan(np.pi * 1_000 / RATE)
    for degrees in (15, 45, 75):
        hertz = np.arctan(np.tan(np.radians(degrees)) * warp) / np.pi * RATE
        assert decibels(response[round(4 * hertz)]) < -40


def by_loop(samples, hertz, centre, octaves, feedback):
    """Six first-order all-pass stages whose coefficient moves at every frame, with feedback in no time."""
    tangent = np.tan(
        np.pi * centre * 2 ** (octaves * np.sin(2 * np.pi * hertz * np.arange(len(samples)) / RATE)) / RATE
    )
    held, result = [0.0] * 6, np.zeros(len(samples))
    for n, (x, a) in enumerate(zip(samples, (tangent - 1) / (tangent + 1), strict=True)):
        rest = 0.0
        for state in held:
            rest = a * rest + state
        result[n] = (a**6 * x + rest) / (1 - feedback * a**6)
        into = x + feedback * result[n]
        for stage in range(6):
            out = a * into + held[stage]
            held[stage] = into - a * out
            into = out
    return result


@pytest.mark.parametrize("feedback, error_db", [(0.0, -60), (0.5, -55)])
def test_it_moves_as_stages_that_move_at_every_frame(feedback, error_db):
    samples = noise(RATE, 1)
    keys = {"rate_hz": 0.5, "centre_hz": 800.0, "octaves": 1.5, "feedback": feedback, "mix": 1.0}
    expected = by_loop(samples[:, 0], 0.5, 800, 1.5, feedback)
    found = apply({"phaser": keys}, samples)[:, 0]
    assert decibels(np.std(found - expected) / np.std(expected)) < error_db


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_a_moving_filter_makes_no_noise(spread):
    """Nothing beyond 300 Hz from a tone, of what would come from coefficients that jump."""
    frames = 2 * RATE
    tone = np.sin(2 * np.pi * 1_000 * np.arange(frames) / RATE)
    keys = {"rate_hz": 0.5, "feedback": 0.3, "mix": 1.0, "spread": spread}
    found = apply({"phaser": keys}, np.column_stack((tone, tone)))
    spectrum = np.abs(np.fft.rfft(found * np.blackman(frames)[:, None], axis=0))
    assert decibels(spectrum[2 * 1_300 :].max() / spectrum.max()) < -85


def test_the_right_channel_is_later_in_the_cycle():
    samples = np.repeat(noise(RATE, 1), 2, axis=1)
    left, right = apply({"phaser": {"rate_hz": 2.0, "spread": 0.5}}, samples).T
    mono = {"rate_hz": 2.0, "phase": 0.5}
    assert np.array_equal(left, apply({"phaser": {"rate_hz": 2.0}}, samples[:, :1])[:, 0])
    assert np.allclose(right, apply({"phaser": mono}, samples[:, :1])[:, 0], rtol=0, atol=1e-9)


def test_a_sweep_that_the_sample_rate_does_not_hold():
    keys = {"rate_hz": 1.0, "centre_hz": 2_000.0, "octaves": 1.0}
    make({"phaser": keys}).check(RenderContext(8_001, 1, 100))
    with pytest.raises(
        ValueError, match=r"top of its sweep must be below .*, 4000 \(is 4000 Hz\): lower centre_hz"
    ):
        make({"phaser": keys}).check(RenderContext(8_000, 1, 100))
