"""The meter of clicks: splices found, and no false alarm (of that of drop-outs neither) in clean material."""

from __future__ import annotations

import random

import numpy as np
import pytest
from damage import RATE, fed, spiked, spliced, stepped, tone
from marks import long_but

from stemwright.audio.fades import ramp
from stemwright.instruments.dsp import drum_kit
from stemwright.measure.clicks import Clicks
from stemwright.measure.dropouts import Dropouts
from stemwright.music.render_context import RenderContext
from stemwright.sources.tone import Tone


@pytest.mark.parametrize("block", [999, 10_000, 1 << 16, 1 << 20])
def test_clicks_do_not_hang_on_the_block_size(block):
    samples = spiked(spiked(stepped(tone(), 0.2), at=65_535), at=131_072, channel=1)
    assert [round(s * RATE) for s, _ in fed(Clicks(30), samples, block)] == pytest.approx(
        [65_535, 96_000, 131_072], abs=2
    )


def drums(dice):
    samples = np.zeros((3 * RATE, 1))
    for _ in range(dice.randrange(5, 30)):
        sound = drum_kit.hit(dice.choice(list(drum_kit.PIECES)), RATE, dice.choice([0.4, 0.7, 1.0]))
        at = dice.randrange(0, 2 * RATE)
        sound = sound[: len(samples) - at]
        samples[at : at + len(sound), 0] += sound
    return samples


def plucks(dice):
    """Sines, bells and strings that begin at once, at their zero crossing, and die away."""
    samples = np.zeros((3 * RATE, 1))
    for _ in range(dice.randrange(4, 20)):
        frames = dice.randrange(RATE // 5, RATE)
        at, t = dice.randrange(0, 2 * RATE), np.arange(frames) / RATE
        hertz = 55 * 2 ** (dice.randrange(0, 48) / 12)
        shape = np.exp(-t / dice.uniform(0.05, 0.5)) * ramp(frames - 1 - np.arange(frames), 480)
        partials = range(1, dice.choice([2, 6, 20]))
        sound = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in partials if hertz * k < 20_000)
        samples[at : at + frames, 0] += 0.2 * sound * shape
    return samples


def pad(dice):
    t, samples = np.arange(3 * RATE) / RATE, 0.0
    for _ in range(3):
        hertz, top = 55 * 2 ** (dice.randrange(0, 36) / 12), dice.randrange(2, 30)
        partials = [k for k in range(1, top) if hertz * k < 20_000]
        samples = samples + sum(np.sin(2 * np.pi * hertz * k * t + dice.uniform(0, 6)) / k for k in partials)
    return 0.1 * (samples * (0.6 + 0.4 * np.sin(2 * np.pi * 0.4 * t)))[:, None]


def drone(dice):
    source = Tone(frequency_hz=dice.uniform(30, 3_000), level_db=-6.0)
    return np.concatenate(list(source.render(RenderContext(RATE, 1, 3 * RATE))))


def hiss(dice):
    rng = np.random.default_rng(dice.randrange(1 << 30))
    return 0.05 * rng.standard_normal((3 * RATE, 1))


def clean(seed):
    """One to three of the above together: nothing an engineer would call damaged."""
    dice = random.Random(seed)
    return sum(
        dice.uniform(0.3, 1) * make(dice)
        for make in dice.sample([drums, plucks, pad, drone, hiss], dice.randrange(1, 4))
    )


@pytest.mark.parametrize("first", long_but((0,), range(0, 100, 20)))
def test_no_false_alarm_in_a_hundred_files_of_clean_material(first):
    for seed in range(first, first + 20):
        samples = clean(seed)
        assert fed(Clicks(30), samples, 1 << 16) == [], seed
        assert fed(Dropouts(1, 40, -30), samples, 1 << 16) == [], seed


@pytest.mark.parametrize("kind", [pad, drone])
def test_hard_splices_of_clean_material_are_found(kind):
    """Of sustained sounds; amid hiss and drums a splice is masked, and may be missed."""
    hits = 0
    for seed in range(20):
        dice = random.Random(1_000 + seed)
        samples = spliced(kind(dice), at=RATE + dice.randrange(RATE), leave=dice.randrange(2_000, 20_000))
        hits += len(fed(Clicks(30), samples, 1 << 16)) == 1
    assert hits >= 14
