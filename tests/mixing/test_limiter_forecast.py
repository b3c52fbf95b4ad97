"""The forecast of what a limiter takes: against the limiter itself, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.audio import stream
from stemwright.effects import Chain
from stemwright.effects.limiter import Limiter
from stemwright.measure.loudness import Loudness
from stemwright.mixing import master
from stemwright.mixing.limiter_forecast import LimiterForecast
from stemwright.music.render_context import RenderContext

from .test_master import mastered, music


def measured(samples, rate, size=4_096):
    meter = Loudness()
    meter.start(rate, samples.shape[1])
    for start in range(0, len(samples), size):
        meter.feed(samples[start : start + size])
    return meter


def forecast(samples, rate, size=4_096):
    blocks = (samples[start : start + size] for start in range(0, len(samples), size))
    return LimiterForecast(blocks, rate, measured(samples, rate))


def lost(samples, rate, gain_db, limiter):
    """(what the limiter takes from the loudness, what is forecast), in LU."""
    context = RenderContext(rate, samples.shape[1], len(samples))
    louder = samples * 10 ** (gain_db / 20)
    limited = np.concatenate(list(Chain((limiter,)).process(iter([louder]), context)))
    plain = measured(samples, rate).integrated + gain_db
    expected = forecast(samples, rate).limited(gain_db, limiter).integrated
    return plain - measured(limited, rate).integrated, plain - expected


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    "limiter", [Limiter(), Limiter(-6.0), Limiter(release_ms=400), Limiter(release_ms=10, lookahead_ms=1)]
)
def test_what_the_limiter_takes(limiter, rate, channels):
    samples = music(6.0, channels, rate)
    losses = [lost(samples, rate, gain, limiter) for gain in (0, 10, 14, 18)]
    assert losses[0] == (pytest.approx(0, abs=0.001), pytest.approx(0, abs=1e-6))
    assert losses[-1][0] > 0.5  # else, nothing is tried
    share = 0.12 if rate > 40_000 else 0.25  # at low rates, there is more between the samples
    for real, expected in losses:
        assert expected == pytest.approx(real, abs=max(0.05, share * real))


def test_a_steady_sound_loses_what_it_is_above_the_ceiling():
    samples = 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(5 * 48_000) / 48_000)[:, None]
    limited = forecast(samples, 48_000).limited(12.0, Limiter(-3.0))
    peak_db = 20 * np.log10(0.5)
    assert limited.integrated == pytest.approx(measured(samples, 48_000).integrated - peak_db - 3.0, abs=0.01)


def test_the_gain_is_held_and_released_exponentially():
    """A sound at half the ceiling with a click of twice the ceiling: from 5 ms before it, half the gain."""
    rate = 48_000
    samples = np.sign(np.random.default_rng(1).normal(size=(2 * rate, 1))) * 0.25
    samples[rate] = 1.0
    other = forecast(samples, rate).limited(0.0, Limiter(20 * np.log10(0.5), release_ms=50, lookahead_ms=5))
    before = measured(samples, rate)
    shares = np.array(other._step_powers[0]) / np.array(before._step_powers[0])
    assert shares[:99] == pytest.approx(1)
    assert shares[99] == pytest.approx(
        (5 + 5 * 0.25) / 10, abs=1e-6
    )  # 10 ms steps; the click is in the first ms of step 100
    for step in range(101, 120):
        ms = np.arange(10 * step, 10 * step + 10) - 1_000
        assert shares[step] == pytest.approx(((1 - 0.5 * np.exp(-ms / 50)) ** 2).mean(), abs=1e-3)


def test_blocks_and_minutes_do_not_matter(monkeypatch):
    samples = music(7.0, 2, 44_100)
    limiter = Limiter(lookahead_ms=20)
    expected = forecast(samples, 44_100).limited(15.0, limiter)
    for size, minute in ((1, 60_000), (441, 10), (stream.BLOCK, 70), (100_000, 1_230)):
        monkeypatch.setattr("stemwright.mixing.limiter_forecast._PARTS_AT_ONCE", minute)
        found = forecast(samples if size > 1 else samples[:44_100], 44_100, size).limited(15.0, limiter)
        length = len(found._step_powers[0])
        steps = [np.array(each._step_powers)[:, : length - 2] for each in (found, expected)]
        assert steps[0] == pytest.approx(steps[1], rel=1e-5)


def test_what_cannot_be_reached_is_not_forecast():
    samples = music(3.0)
    off = lambda loudness: loudness.integrated - 0.0  # noqa: E731
    assert forecast(samples, 24_000).gain(20.0, Limiter(), off) == 20.0


@pytest.mark.parametrize("target", [-14.0, -13.5, -13.0])
def test_one_pass_of_the_limiter_is_enough(tmp_path, monkeypatch, target):
    passes = []
    render = master._render

    def counted(*arguments):
        passes.append(arguments[3])
        return render(*arguments)

    monkeypatch.setattr(master, "_render", counted)
    finished, _ = mastered(tmp_path, music(8.0, rate=48_000), target, Limiter(-4.0), rate=48_000)
    assert abs(finished.integrated_lufs - target) <= 0.05
    assert len([limiter for limiter in passes if limiter]) == (1 if finished.limited else 0)
    assert finished.limited
