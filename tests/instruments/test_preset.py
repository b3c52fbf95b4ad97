"""Presets: valid, in balance, brighter when played harder, and known to their jobs by their keys."""

from __future__ import annotations

import numpy as np
import pytest
from audio_signals import fed
from pydantic import TypeAdapter, ValidationError

from stemwright import instruments
from stemwright.gates.click import Click
from stemwright.instruments import Note, preset
from stemwright.instruments.preset import NAMES
from stemwright.measure.clicks import Clicks
from stemwright.measure.loudness import Loudness
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry

RATE = 48_000


def sound(entry, pitch, seconds=1.0, velocity=1.0, channels=1):
    return instruments.make(entry).sound(
        Note(0, round(seconds * RATE), pitch, velocity), RATE, channels, "test"
    )


def decibels(ratio):
    return 20 * np.log10(ratio)


@pytest.mark.parametrize("name", NAMES)
def test_presets_are_valid(name):
    ((kind, keys),) = preset.Preset(name).entry().items()
    validated = TypeAdapter(registry.load("stemwright.instruments", kind)).validate_python(keys)
    assert instruments.make({kind: keys}) == validated == preset.Preset(name)._instrument


@pytest.mark.parametrize("name", NAMES)
def test_presets_sound_over_three_octaves(name):
    low = 28 if "bass" in name else 48
    loudness = []
    for pitch in range(low, low + 37, 6):
        x = sound({"preset": {"name": name}}, pitch, channels=2)
        assert np.all(np.isfinite(x)) and decibels(np.max(np.abs(x))) <= -6
        loudness.append(fed(Loudness(), x).max_momentary)
    assert np.median(loudness) == pytest.approx(-19.5, abs=1.5)  # all within 3 LU


def clicks(samples):
    """Where the click gate's meter, at the gate's own limit, hears clicks."""
    meter = Clicks(Click().over_db)
    meter.start(RATE, samples.shape[1])
    for start in range(0, len(samples), 10_000):
        meter.feed(samples[start : start + 10_000])
    return [round(second, 3) for second, _ in meter.found]


@pytest.mark.parametrize("name", NAMES)
def test_the_click_gate_hears_none_at_the_edges_of_notes(name):
    """Short and held notes, soft and hard, after rests and one upon the other, over three octaves."""
    low, line, at = (28 if "bass" in name else 48), [], 0.05
    for n, step in enumerate((0, 7, 12, 19, 24, 31, 36, 3)):
        held, gap = ((0.06, 0.3), (0.4, 0.0), (0.15, 0.02))[n % 3]
        line.append(Note(round(at * RATE), round(held * RATE), low + step, (1.0, 0.5, 0.8, 0.2)[n % 4]))
        at += held + gap
    context = RenderContext(RATE, 2, round((at + 1.0) * RATE), "test")
    samples = np.concatenate(list(instruments.make({"preset": {"name": name}}).play(line, context)))
    assert clicks(samples) == []
    cut = np.argmax(np.abs(samples[round(0.7 * RATE) : round(0.76 * RATE), 0])) + round(0.7 * RATE)
    assert clicks(np.concatenate([samples[:cut], np.zeros((RATE // 2, 2))])) == [round(cut / RATE, 3)]


@pytest.mark.parametrize("name", NAMES)
def test_presets_are_brighter_when_played_harder(name):
    def centroid(x):
        power = np.abs(np.fft.rfft(x[:, 0])) ** 2
        return np.sum(power * np.arange(len(power))) / np.sum(power) / len(x)

    soft, hard = (sound({"preset": {"name": name}}, 50, 0.5, v) for v in (0.3, 1.0))
    assert centroid(hard) > 1.04 * centroid(soft)


def test_a_job_is_given_the_instrument_of_a_preset():
    entry = preset.Preset("nylon").entry()
    assert list(entry) == ["plucked"] and entry["plucked"]["brightness_hz"] == 1_200
    context = RenderContext(RATE, 2, 30_000, "test")
    notes = [Note(100, 9_600, 52.0, 0.8)]
    by_name, by_keys = (
        np.concatenate(list(instruments.make(e).play(notes, context)))
        for e in ({"preset": {"name": "nylon"}}, entry)
    )
    assert np.array_equal(by_name, by_keys) and np.any(by_name)


def test_a_preset_that_there_is_not():
    with pytest.raises(ValidationError, match=r"must be the name of a preset .*did you mean dx-piano\?"):
        TypeAdapter(preset.Preset).validate_python({"name": "dx-pianno"})


def test_a_preset_is_changed_key_by_key():
    changed = TypeAdapter(preset.Preset).validate_python(
        {"name": "mini-bass", "change": {"filter": {"cutoff_hz": 900}, "oscillators": [{"wave": "sine"}]}}
    )
    as_it_is, keys = (each.entry()["subtractive"] for each in (preset.Preset("mini-bass"), changed))
    assert keys["filter"] == {**as_it_is["filter"], "cutoff_hz": 900}
    assert [each["wave"] for each in keys["oscillators"]] == ["sine"]
    assert {name for name in keys if keys[name] != as_it_is[name]} == {"filter", "oscillators"}
