"""Keys of effects that move: what holds for all of them, and closed forms of some."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml
from effect_runs import RATE, apply, noise, sine, song
from scipy import signal

from stemwright.effects import make
from stemwright.music.render_context import RenderContext
from stemwright.song.model import Song
from stemwright.validation import registry
from stemwright.validation.fields import automatable

KINDS = registry.kinds("stemwright.effects")
FRAMES = 10_000


EXAMPLES = {
    "delay": "{delay_seconds: 0.01, feedback: 0.35, mix: 0.25}",
    "compressor": "{threshold_db: -3, ratio: 3, knee_db: 12}",
    "noise_gate": "{threshold_db: -10, ratio: 2, range_db: 15, hold_ms: 0}",
    "ducker": "{key: voice, threshold_db: -10, hold_ms: 0}",
    "de_esser": "{threshold_db: -12, ratio: 4, range_db: 6}",
}
"""Instead of those in the reference, whose keys are not all heard at once: in a noise about a threshold they are."""


def example(kind):
    """The keys of a kind, with all their defaults, from its example."""
    text = EXAMPLES.get(kind) or registry.load("stemwright.effects", kind).example
    return dict(make({kind: yaml.safe_load(text) or {}}).entry()[kind])


MOVING = [
    (kind, name, field, example(kind)[name])
    for kind in KINDS
    for name, field in automatable(registry.load("stemwright.effects", kind)).items()
    if example(kind)[name] is not None
]
each_key = pytest.mark.parametrize("kind, name, field, value", MOVING, ids=[f"{m[0]}.{m[1]}" for m in MOVING])


def with_key(kind, name, value):
    return {kind: example(kind) | {name: value}}


def sweep(field, value):
    """Points that go from a value to another one in its range, and back in a step."""
    low = field.ge if field.ge is not None else value / 2
    high = field.le if field.le is not None else value * 2
    other = value - (value - low) / 8 if value > low else value + (high - value) / 20
    return [
        {"at": "0 s", "value": value},
        {"at": "100 ms", "value": other},
        {"at": "150 ms", "value": value, "curve": "step"},
    ]


@each_key
def test_a_key_that_stays_is_a_number_bit_for_bit(kind, name, field, value):
    samples = noise(FRAMES)
    plain = apply(with_key(kind, name, value), samples)
    points = [{"at": "0 s", "value": value}, {"at": "150 ms", "value": value, "curve": "step"}]
    assert apply(with_key(kind, name, points), samples).tobytes() == plain.tobytes()
    lfo = {"value": value, "lfo": {"length": "1/4", "depth": 0.0}}
    assert apply(with_key(kind, name, lfo), samples).tobytes() == plain.tobytes()


@each_key
def test_a_key_that_moves_is_heard_from_where_it_moves(kind, name, field, value):
    """And before, it is within a millionth of what it is without: some filters run otherwise while they move."""
    samples = noise(FRAMES)
    points = [
        {**point, "at": f"{at} ms"} for point, at in zip(sweep(field, value), (50, 100, 150), strict=True)
    ]
    plain, moved = apply(with_key(kind, name, value), samples), apply(with_key(kind, name, points), samples)
    assert np.abs(moved - plain)[:2_300].max() < 1e-6
    assert np.abs(moved - plain)[2_400:].max() > 1e-6


@each_key
def test_blocks_do_not_matter(kind, name, field, value):
    samples = noise(FRAMES)
    entry = with_key(kind, name, sweep(field, value))
    whole = apply(entry, samples)
    for lengths in ([1] * 200, [2_048, 2_048], [509] * 8, [9_999]):
        assert np.array_equal(apply(entry, samples, lengths=lengths), whole)


@each_key
def test_silence_stays_silence(kind, name, field, value):
    assert not apply(with_key(kind, name, sweep(field, value)), np.zeros((FRAMES, 2))).any()


@each_key
def test_bars_need_the_timeline(kind, name, field, value):
    assert make(with_key(kind, name, [{"at": "bar 1", "value": value}])).needs_timeline


@each_key
def test_a_song_may_have_it(kind, name, field, value):
    """It is validated, checked, and given to its job as plain data that means the same."""
    written = {"points": sweep(field, value), "lfo": {"length": "1 bar", "depth": 0}}
    stem = {"source": {"tone": {"note": "A2"}}, "effects": [with_key(kind, name, written)]}
    document = Song.model_validate({"bpm": 120, "length": "1 bar", "stems": {"a": stem}})
    effect = getattr(document.stems["a"].effects[0], kind)
    context = RenderContext(RATE, 2, FRAMES, timeline=song(1, RATE))
    assert list(effect.problems(context)) == []
    assert make(effect.entry()).curve_of(name, context) == effect.curve_of(name, context)
    wrong = replace(effect, **{name: [{"at": "chorus", "value": value}]})
    assert list(wrong.problems(context)) == [((name, 0, "at"), "there is no section 'chorus'")]


def test_gain_is_the_product_with_its_curve():
    seconds = np.arange(RATE) / RATE
    points = [
        {"at": "0.25 s", "value": -60.0},
        {"at": "0.5 s", "value": 0.0, "curve": "exponential"},
        {"at": "0.75 s", "value": -6.0, "curve": "step"},
    ]
    result = apply({"gain": {"gain_db": points}}, sine(1_000, 0))
    gain = 10 ** (np.interp(seconds, [0.25, 0.5], [-60, 0]) / 20)
    step = np.sin(np.pi / 2 * np.clip((np.arange(RATE) + 0.5 - 0.75 * RATE) / 240, 0, 1)) ** 2
    assert result == pytest.approx(sine(1_000, 0) * (gain * 10 ** (-6 * step / 20))[:, None], abs=1e-12)


def test_a_step_of_gain_does_not_click():
    """4 kHz beside a sine, where the sidebands of a step of 5 ms are far below it, nothing is above -80 dB."""
    points = [{"at": "0 s", "value": 0.0}, {"at": "0.5 s", "value": -6.0, "curve": "step"}]
    tone = sine(1_000, 0) * signal.windows.tukey(RATE, 0.5)[:, None]
    clicking = tone[:, 0] * np.where(np.arange(RATE) < 0.5 * RATE, 1, 0.5)
    levels = []
    for samples in (apply({"gain": {"gain_db": points}}, tone)[:, 0], clicking):
        frequencies, _, found = signal.stft(samples, RATE, ("kaiser", 20), 2_048, 1_920)
        levels.append(20 * np.log10(np.abs(found[frequencies > 5_000]).max() * 2))
    assert levels[0] < -80 < levels[1]


def test_a_tremolo_of_eighths_follows_the_tempo():
    timeline = song(4, 8_000, [(1, 120, "4/4"), (3, 60, "4/4")])
    depth = {"value": -6.0, "lfo": {"length": "1/8", "depth": 6.0, "phase": 0.25}}
    result = apply({"gain": {"gain_db": depth}}, np.ones((96_000, 1)), rate=8_000, timeline=timeline)[:, 0]
    seconds = np.arange(96_000) / 8_000
    cycles = np.where(seconds < 4, seconds * 4, 16 + (seconds - 4) * 2)
    assert np.abs(result - 10 ** ((-6 + 6 * np.cos(2 * np.pi * cycles)) / 20)).max() < 1e-9


def test_the_highest_cutoff_of_a_sweep_counts():
    keys = {"cutoff_hz": {"value": 3_000.0, "lfo": {"length": "1/4", "depth": 1_500.0}}}
    context = RenderContext(8_000, 1, 100, timeline=song(1, 8_000))
    ((where, message),) = make({"lowpass": keys}).problems(context)
    assert (where, message) == ((), "cutoff_hz must be below half the sample rate, 4000 (is 4500)")
    context = RenderContext(48_000, 1, 100, timeline=song(1, 48_000))
    ((where, message),) = make({"lowpass": keys | {"zero_phase": True}}).problems(context)
    assert message == "cutoff_hz cannot move with zero_phase: remove zero_phase, or give one number"
