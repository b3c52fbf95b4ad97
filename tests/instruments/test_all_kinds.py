"""Every instrument: in tune, free of aliases, offsets and clicks, the same twice and at every rate, and bounded."""

from __future__ import annotations

import types
from dataclasses import fields
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synth_sounds import hertz

from stemwright import instruments
from stemwright.instruments import Note
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry
from stemwright.validation.fields import Configurable, Field

SYNTHS = ("fm", "organ", "plucked", "subtractive")
HELD = {"attack_ms": 5.0, "decay_ms": 50.0, "sustain": 1.0, "release_ms": 60.0}
OPEN = {"cutoff_hz": 20_000.0, "tracking": 0.0, "velocity_octaves": 0.0, "slope_db": 12}


def subtractive(wave="saw", filter=OPEN, **keys):
    return {"subtractive": {"oscillators": [{"wave": wave}], "filter": filter, "envelope": HELD, **keys}}


def fm(*levels, ratios=(1.0, 1.0, 1.0, 1.0), **keys):
    operators = [
        {"level": level, "ratio": ratio, "velocity": 0.0, "envelope": HELD}
        for level, ratio in zip(levels, ratios, strict=True)
    ]
    return {"fm": {"operators": operators, **keys}}


STEADY = {
    "saw": subtractive(),
    "square": subtractive("square"),
    "triangle": subtractive("triangle"),
    "sine": subtractive("sine"),
    "resonant": subtractive(filter={"cutoff_hz": 1_500.0, "resonance": 1.0, "velocity_octaves": 0.0}),
    "highpass": subtractive(filter={"shape": "highpass", "cutoff_hz": 300.0, "resonance": 0.5}),
    "bandpass": subtractive("square", filter={"shape": "bandpass", "cutoff_hz": 900.0, "resonance": 0.3}),
    "fm pairs": fm(1.0, 0.3, 1.0, 0.2, ratios=(1.0, 3.0, 1.0, 1.0), feedback=0.8),
    "fm stack": fm(1.0, 0.15, 0.2, 0.2, ratios=(1.0, 1.0, 2.0, 3.0), algorithm=1, feedback=0.5),
    "fm deep": fm(1.0, 1.0, 0.0, 0.0, ratios=(1.0, 14.0, 1.0, 1.0)),
    "fm beside": fm(1.0, 0.5, 0.5, 0.5, ratios=(1.0, 2.0, 3.0, 4.0), algorithm=8, feedback=1.0),
    "organ": {"organ": {"drawbars": "00 8888 888", "click": 0.0, "rotor_depth": 0.0}},
    "plucked": {"plucked": {"decay_s": 20.0, "damping_hz": 20_000.0, "brightness_hz": 20_000.0}},
    "plucked softly": {
        "plucked": {"decay_s": 20.0, "damping_hz": 800.0, "body": "none", "pick_position": 0.4}
    },
}
"""Sounds of one pitch that go on, whose partials are multiples of the note's frequency."""

STRINGS = ("plucked", "plucked softly")
PLUCKED_STIFF = {"plucked": {"decay_s": 10.0, "stiffness": 0.0005, "body": "bass"}}
SPEAKER = {"organ": {"drawbars": "88 8000 000", "rotor_depth": 1.0, "percussion": "second"}}
NOISE = {
    "subtractive": {"oscillators": [{"wave": "noise"}, {"wave": "saw"}], "filter": {"envelope_octaves": 3.0}}
}
UNISON = {
    "subtractive": {"unison": 5, "filter": {"cutoff_hz": 500.0, "envelope_octaves": 3.0, "resonance": 0.6}}
}
STAGES = {**STEADY, "stiff": PLUCKED_STIFF, "speaker": SPEAKER, "noise": NOISE, "unison": UNISON}


def sound(entry, pitch=57.0, seconds=0.5, velocity=1.0, rate=48_000, channels=1, glide_from=None):
    note = Note(0, round(seconds * rate), pitch, velocity, glide_from)
    return instruments.make(entry).sound(note, rate, channels, "test")


def level(x):
    return 20 * np.log10(max(np.max(np.abs(x)), 1e-30))


def centroid(x, rate=48_000):
    power = np.abs(np.fft.rfft(x[:, 0])) ** 2
    return np.sum(power * np.fft.rfftfreq(len(x), 1 / rate)) / np.sum(power)


# --- in tune ----------------------------------------------------------------------------------


def cents_off(x, expected, rate):
    """How far the fundamental is from where it should be, by how its phase turns against a pure tone."""
    half = len(x) // 2
    window = np.hanning(half)
    turned = x * np.exp(-2j * np.pi * expected / rate * np.arange(len(x)))
    early, late = (np.sum(turned[a : a + half] * window) for a in (0, half))
    return 1200 * np.log2(1 + np.angle(late / early) / (2 * np.pi * expected * half / rate))


@pytest.mark.parametrize("name", [*STEADY, "stiff", "speaker"])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_every_note_is_in_tune(name, rate):
    for pitch in (21, 28, 40, 52.5, 64, 76, 88, 96, 108):
        if name == "speaker" and pitch > 96:
            continue  # wheels that a B-3 has not
        x = sound(STAGES[name], pitch, 1.5, rate=rate)[round(0.1 * rate) : round(1.3 * rate), 0]
        assert abs(cents_off(x, hertz(pitch), rate)) < 1, (pitch, cents_off(x, hertz(pitch), rate))


def test_the_measure_of_pitch_sees_a_cent():
    x = np.cos(2 * np.pi * hertz(60) * 2 ** (1.5 / 1200) * np.arange(48_000) / 48_000)
    assert cents_off(x, hertz(60), 48_000) == pytest.approx(1.5, abs=0.01)


# --- nothing but what belongs to the note -----------------------------------------------------


def between_partials(x, fundamental, rate):
    """The highest level off the partials, against the strongest partial, in dB."""
    spectrum = np.abs(np.fft.rfft(x * np.kaiser(len(x), 16)))  # side lobes below -120 dB
    k = np.fft.rfftfreq(len(x), 1 / rate) / fundamental
    lobe = 14 * rate / len(x) / fundamental
    assert lobe < 0.4, "too short a note to look between its partials"
    off = np.abs(k - np.round(k)) > lobe
    return 20 * np.log10(np.max(spectrum[off]) / np.max(spectrum))


@pytest.mark.parametrize("name", STEADY)
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_no_aliases_up_to_c7(name, rate):
    for pitch in (36, 51, 60, 71, 84, 91, 96):
        x = sound(STEADY[name], pitch, 1.5, rate=rate)[round(0.1 * rate) : round(1.45 * rate), 0]
        # Two of a tonewheel are to the note's one, for the drawbars below it and what is folded back.
        assert between_partials(x, hertz(pitch - 12 * (name == "organ")), rate) < -80, pitch


def test_the_measure_of_aliases_sees_them():
    phase = hertz(96) * np.arange(40_000) / 48_000
    assert between_partials(2 * (phase % 1) - 1, hertz(96), 48_000) > -40


@pytest.mark.parametrize("name", STAGES)
def test_no_offset(name):
    for pitch, seconds in ((28, 0.02), (28, 0.4), (60, 0.25), (96, 0.1)):
        x = sound(STAGES[name], pitch, seconds, channels=2)
        assert np.max(np.abs(np.mean(x, axis=0))) < 1e-6


@pytest.mark.parametrize(
    "entry, is_below",
    [
        (STEADY["organ"], False),
        ({"organ": {"drawbars": "80 8000 000", "click": 0.0}}, True),
        (subtractive(), False),
        ({"subtractive": {"oscillators": [{"wave": "saw"}, {"wave": "saw", "semitones": -12}]}}, True),
        ({"subtractive": {"oscillators": [{"wave": "saw"}, {"wave": "saw", "semitones": 12}]}}, False),
        (fm(1.0, 0.0, 0.0, 0.0, ratios=(1.0, 0.5, 0.5, 0.5)), False),
        (fm(1.0, 0.0, 1.0, 0.0, ratios=(1.0, 1.0, 0.5, 1.0)), True),
        (STEADY["plucked"], False),
    ],
)
def test_who_has_partials_below_its_notes(entry, is_below):
    x = sound(entry, 69, 1.0)[:, 0]
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    below = np.sum(power[: np.searchsorted(np.fft.rfftfreq(len(x), 1 / 48_000), 330)])
    assert (below > 1e-2 * np.sum(power)) == is_below
    assert instruments.make(entry).sounds_below == is_below


# --- no click ---------------------------------------------------------------------------------

SMOOTH = {
    "sine": subtractive("sine"),
    "slide down": subtractive("sine", glide_ms=80.0),
    "vibrato": subtractive("sine", vibrato_cents=60.0, vibrato_delay_ms=50.0),
    "swept": subtractive(
        "sine",
        filter={"cutoff_hz": 80.0, "envelope_octaves": 3.0, "resonance": 0.6},
        filter_envelope={"attack_ms": 20.0},
    ),
    "operator": fm(1.0, 0.0, 0.0, 0.0),
    "drawbar": {"organ": {"drawbars": "00 8000 000", "click": 0.0, "rotor_depth": 1.0}},
}
"""Sounds of a low pure tone: any corner in how they begin, change or end is heard above it."""


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("seconds", [0.001, 0.0623, 0.3011])
def test_a_pure_tone_has_nothing_above_it(name, seconds):
    x = sound(SMOOTH[name], 45, seconds, glide_from=57.0 if "slide" in name else None)[:, 0]
    x = np.pad(x, 4_096)
    spectrum = np.fft.rfft(x)
    spectrum[: np.searchsorted(np.fft.rfftfreq(len(x), 1 / 48_000), 8_000)] = 0
    assert level(np.fft.irfft(spectrum, len(x))) < -70


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("pitch", [28, 60, 90])
def test_notes_begin_and_end_in_silence(name, pitch):
    for seconds in (0.0005, 0.05, 0.4):
        x = sound(STAGES[name], pitch, seconds)
        assert level(x[:2]) < max(level(x) - 20, -60)
        assert level(x[-48:]) < -30 and level(x[-5:]) < -60
        assert len(x) < (seconds + 0.3) * 48_000


# --- the same again ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", STAGES)
def test_equal_notes_are_equal(name):
    first = sound(STAGES[name], 50, 0.2, 0.7, channels=2)
    for other in (35, 62):
        sound(STAGES[name], other, 0.1)
    assert sound(STAGES[name], 50, 0.2, 0.7, channels=2).tobytes() == first.tobytes()
    context = RenderContext(48_000, 2, 60_000, "test")
    notes = [Note(frame, 9_600, 50, 0.7) for frame in (0, 30_000)]
    played = np.concatenate(list(instruments.make(STAGES[name]).play(notes, context)))
    heard = min(len(first), 30_000)
    assert np.array_equal(played[:heard], first[:heard])
    assert np.array_equal(played[30_000 : 30_000 + heard], first[:heard])


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_other_rates_give_the_same_sound(name, rate):
    once, twice = (sound(STAGES[name], 52, 0.25, rate=r)[:, 0] for r in (rate, 2 * rate))
    size = 2 * len(once)
    top = np.searchsorted(np.fft.rfftfreq(size, 1 / rate), 15_000)
    a, b = np.fft.rfft(once, size)[:top], np.fft.rfft(twice, 2 * size)[:top] / 2
    limit = {"noise": -35, "plucked": -40}.get(name, -45)
    assert 10 * np.log10(np.sum(np.abs(a - b) ** 2) / np.sum(np.abs(a) ** 2)) < limit


# --- how hard it is played --------------------------------------------------------------------


@pytest.mark.parametrize("kind", SYNTHS)
def test_velocity_changes_level_and_timbre(kind):
    for pitch in (40, 57, 76):
        sounds = [sound({kind: {}}, pitch, velocity=v) for v in (0.25, 0.5, 0.75, 1.0)]
        bright, loud = [centroid(x) for x in sounds], [np.sqrt(np.mean(x**2)) for x in sounds]
        assert all(b > 1.01 * a for a, b in pairwise(bright))
        assert all(b > 1.2 * a for a, b in pairwise(loud))


@pytest.mark.parametrize(
    "entry, power",
    [
        ({"subtractive": {"filter": OPEN, "envelope": HELD}}, 2),
        ({"plucked": {}}, 2),
        ({"organ": {"drawbars": "00 8000 000", "click": 0.0}}, 2),
        ({"fm": {"operators": [{"level": 1.0, "velocity": 0.0}, *[{"level": 0.0}] * 3]}}, 1),
    ],
)
def test_levels_follow_the_velocity(entry, power):
    loud, soft = (np.max(np.abs(sound(entry, seconds=0.3, velocity=v))) for v in (1.0, 0.5))
    assert soft / loud == pytest.approx(0.5**power, rel=0.01)


# --- whatever the keys ------------------------------------------------------------------------


@cache
def keys_of(cls):
    hints = get_type_hints(cls, include_extras=True)
    return st.fixed_dictionaries(
        {}, optional={field.name: values(hints[field.name]) for field in fields(cls)}
    )


def values(hint):
    """Values of a key as its declaration allows them, the extremes often."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return st.one_of(*(st.none() if arg is type(None) else values(arg) for arg in args))
    key = next((a for a in args[1:] if isinstance(a, Field)), None) if origin is Annotated else None
    inner = args[0] if key else hint
    if get_origin(inner) is Literal:
        return st.sampled_from(get_args(inner))
    if get_origin(inner) is list:
        return st.lists(values(get_args(inner)[0]), min_size=key.min_length, max_size=key.max_length)
    if isinstance(inner, type) and issubclass(inner, Configurable):
        return keys_of(inner)
    if inner is str:
        return st.sampled_from(["88 8888 888", "000000001", "80 0000 000"])
    numbers = st.integers if inner is int else st.floats
    return st.one_of(st.sampled_from([inner(key.ge), inner(key.le)]), numbers(key.ge, key.le))


@pytest.mark.parametrize("kind", SYNTHS)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_the_keys_a_note_is_finite_bounded_and_ends(kind, data):
    entry = {kind: data.draw(keys_of(registry.load("stemwright.instruments", kind)))}
    entry[kind]["level_db"] = 0.0
    pitch = data.draw(st.one_of(st.sampled_from([0.0, 127.0]), st.floats(0, 127)))
    glide = data.draw(st.one_of(st.none(), st.sampled_from([0.0, 127.0])))
    held = data.draw(st.sampled_from([1, 7, 400, 3_000]))
    note = Note(0, held, pitch, data.draw(st.sampled_from([1 / 127, 0.5, 1.0])), glide)
    for channels in (1, 2):
        x = instruments.make(entry).sound(note, 8_000, channels, "test")
        assert x.shape[1] == channels and np.all(np.isfinite(x))
        assert np.max(np.abs(x), initial=0.0) <= 2.0
        ends_by_itself = kind == "plucked" or "'sustain': 0.0" in str(entry)
        assert held <= len(x) or ends_by_itself
        assert len(x) <= instruments.make(entry).rings(note, 8_000)
        assert len(x) <= held + 20 * 8_000 or kind == "plucked"
        assert level(x[-1:]) < -60
