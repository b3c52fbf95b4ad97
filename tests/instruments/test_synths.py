"""What each instrument does with its keys, against closed forms and SciPy's functions."""

from __future__ import annotations

from typing import get_type_hints

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from scipy import signal, special

from stemwright import instruments
from stemwright.instruments import Note, fm
from stemwright.instruments.subtractive import Filter
from stemwright.validation import registry

RATE = 48_000
HELD = {"attack_ms": 5.0, "decay_ms": 50.0, "sustain": 1.0, "release_ms": 50.0}
OPEN = {"cutoff_hz": 20_000.0, "slope_db": 12, "tracking": 0.0, "velocity_octaves": 0.0}


def sound(entry, pitch=57.0, seconds=1.0, velocity=1.0, channels=1, glide_from=None):
    note = Note(0, round(seconds * RATE), pitch, velocity, glide_from)
    return instruments.make(entry).sound(note, RATE, channels, "test")


def hertz(pitch):
    return 440 * 2 ** ((pitch - 69) / 12)


def strength(x, frequency):
    """The amplitude of a frequency in a sound, through a window."""
    window = np.blackman(len(x))
    return (
        2
        * abs(np.sum(x * window * np.exp(-2j * np.pi * frequency / RATE * np.arange(len(x)))))
        / window.sum()
    )


def decibels(ratio):
    return 20 * np.log10(ratio)


# --- all of them -----------------------------------------------------------------------------


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


# --- subtractive ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wave, amplitudes",
    [
        ("saw", [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
        ("square", [1, 0, 1 / 3, 0, 1 / 5]),
        ("triangle", [1, 0, 1 / 9, 0, 1 / 25]),
        ("sine", [1, 0, 0, 0, 0]),
    ],
)
def test_waves_have_the_partials_of_their_names(wave, amplitudes):
    x = sound({"subtractive": {"oscillators": [{"wave": wave}], "filter": OPEN, "envelope": HELD}})[
        4_800:43_200, 0
    ]
    found = np.array([strength(x, k * 220) for k in range(1, 6)])
    assert np.allclose(found / found[0], amplitudes, atol=2e-3)


@pytest.mark.parametrize("shape", ["lowpass", "highpass", "bandpass"])
@pytest.mark.parametrize("slope", [12, 24])
@pytest.mark.parametrize("resonance", [0.0, 0.7])
def test_the_filter_is_the_analogue_one(shape, slope, resonance):
    filter = Filter(shape=shape, slope_db=slope, resonance=resonance)
    q = 20**resonance / 2**0.5
    b = {"lowpass": [1], "highpass": [1, 0, 0], "bandpass": [1 / q, 0]}[shape]
    f = np.geomspace(20, 20_000, 50)
    _, expected = signal.freqs(b, [1, 1 / q, 1], f / 1_000)
    if slope == 24:
        b = {"lowpass": [1], "highpass": [1, 0, 0], "bandpass": [1 / 0.541, 0]}[shape]
        expected = expected * signal.freqs(b, [1, 1 / 0.541, 1], f / 1_000)[1]
    found = filter.response(f, np.array([1_000.0]))[0]
    assert np.allclose(found, expected / (q * 2**0.5) ** 0.5)


def test_the_filter_acts_on_the_sound():
    keys = {"oscillators": [{"wave": "saw"}], "envelope": HELD}
    still = {"cutoff_hz": 1_000.0, "tracking": 0.0, "velocity_octaves": 2.0}
    bright, dull = (
        sound({"subtractive": {**keys, "filter": still}}, velocity=v)[4_800:43_200, 0] for v in (1, 0.5)
    )
    k = np.arange(1, 12)
    for x, cutoff in ((bright, 1_000.0), (dull, 500.0)):
        gain = np.array([strength(x, 220 * n) * n for n in k])
        expected = np.abs(Filter().response(220.0 * k, np.array([cutoff]))[0])
        assert np.allclose(decibels(gain / gain[0]), decibels(expected / expected[0]), atol=0.1)


def test_the_filters_envelope_moves_it():
    filter = {"cutoff_hz": 200.0, "tracking": 0.0, "envelope_octaves": 4.0, "velocity_octaves": 0.0}
    moves = {"attack_ms": 1.0, "decay_ms": 1_000.0, "sustain": 0.0}
    entry = {"subtractive": {"filter": filter, "filter_envelope": moves, "envelope": HELD}}
    x = sound(entry, 33, 1.5)[:, 0]
    for at in (0.1, 0.2, 0.4, 1.2):
        fall = (np.exp(-5 * at) - np.exp(-5)) / (1 - np.exp(-5)) if at < 1 else 0.0
        part = x[round((at - 0.05) * RATE) : round((at + 0.05) * RATE)]
        k = np.array([1, 2, 4, 6])
        gain = np.array([strength(part, 55 * n) * n for n in k])
        expected = np.abs(Filter().response(55.0 * k, np.array([200 * 2 ** (4 * fall)]))[0])
        assert np.allclose(decibels(gain / gain[0]), decibels(expected / expected[0]), atol=1.0)


def test_noise_is_filtered():
    noise = {"oscillators": [{"wave": "noise"}], "envelope": HELD}
    x = sound({"subtractive": {**noise, "filter": {"cutoff_hz": 1_000.0, "tracking": 0.0}}}, seconds=4.0)[
        :, 0
    ]
    f, power = signal.welch(x, RATE, nperseg=2_048)
    below, above = power[(f > 200) & (f < 500)].mean(), power[(f > 3_800) & (f < 4_200)].mean()
    expected = np.abs(Filter().response(np.array([350.0, 4_000.0]), np.array([1_000.0]))[0])
    assert 10 * np.log10(above / below) == pytest.approx(decibels(expected[1] / expected[0]), abs=1.5)


def turns_per_second(x, at, seconds=0.03):
    """The frequency of a pure tone about a moment."""
    part = signal.hilbert(x)[round((at - seconds / 2) * RATE) : round((at + seconds / 2) * RATE)]
    return np.mean(np.diff(np.unwrap(np.angle(part)))) * RATE / (2 * np.pi)


PURE = {"oscillators": [{"wave": "sine"}], "envelope": HELD, "filter": OPEN}


@pytest.mark.parametrize("start", [45.0, 69.0])
def test_a_note_glides_from_another(start):
    x = sound({"subtractive": {**PURE, "glide_ms": 400.0}}, 57, 1.0, glide_from=start)[:, 0]
    assert 1200 * np.log2(turns_per_second(x, 0.04) / hertz(start)) == pytest.approx(0, abs=60)
    assert 1200 * np.log2(turns_per_second(x, 0.2) / hertz((start + 57) / 2)) == pytest.approx(0, abs=10)
    assert 1200 * np.log2(turns_per_second(x, 0.6, 0.2) / hertz(57)) == pytest.approx(0, abs=0.5)
    still = sound({"subtractive": {**PURE, "glide_ms": 0.0}}, 57, 1.0, glide_from=start)[:, 0]
    assert turns_per_second(still, 0.05) == pytest.approx(220, rel=1e-3)


def test_a_slide_down_is_as_bright_as_the_note_it_comes_to():
    entry = {"subtractive": {"filter": OPEN, "envelope": HELD, "glide_ms": 100.0}}
    slid, plain = (sound(entry, 45, 1.0, glide_from=g)[24_000:43_200, 0] for g in (81.0, None))
    for k in (1, 30, 90):
        assert strength(slid, 110 * k) == pytest.approx(strength(plain, 110 * k), rel=0.01)


def test_a_slide_down_has_no_aliases():
    keys = {"filter": OPEN, "envelope": HELD, "glide_ms": 300.0}
    instrument = instruments.make({"subtractive": keys})
    once, often = (instrument.sound(Note(0, r // 4, 60, 1.0, 96.0), r, 1, "")[:, 0] for r in (RATE, 4 * RATE))
    a, b = np.fft.rfft(once), np.fft.rfft(often, 4 * len(once)) / 4
    top = 15_000 * len(once) // RATE
    assert 10 * np.log10(np.sum(np.abs(a - b[: len(a)])[:top] ** 2) / np.sum(np.abs(a[:top]) ** 2)) < -45


def test_oscillators_are_tuned_and_balanced():
    oscillators = [{"wave": "sine"}, {"wave": "sine", "semitones": 7, "cents": 40.0, "level_db": -6.0}]
    x = sound({"subtractive": {**PURE, "oscillators": oscillators}})[4_800:43_200, 0]
    assert decibels(strength(x, 220 * 2 ** (7.4 / 12)) / strength(x, 220)) == pytest.approx(-6, abs=0.02)


def test_the_filter_follows_the_pitch():
    filter = {"cutoff_hz": 500.0, "velocity_octaves": 0.0, "tracking": 1.0}
    entry = {"subtractive": {"filter": filter, "envelope": HELD}}
    for pitch in (45, 57, 69):
        x = sound(entry, pitch)[4_800:43_200, 0]
        k = np.array([1, 2, 4, 8])
        gain = np.array([strength(x, hertz(pitch) * n) * n for n in k])
        expected = np.abs(Filter().response(220.0 * k, np.array([500.0]))[0])
        assert np.allclose(decibels(gain / gain[0]), decibels(expected / expected[0]), atol=0.1)


def test_vibrato_swings_both_ways_by_its_cents():
    keys = {"vibrato_cents": 50.0, "vibrato_hz": 5.0, "vibrato_delay_ms": 0.0}
    x = sound({"subtractive": {**PURE, **keys}}, 69, 1.0)[:, 0]
    for at, cents in ((0.25, 50), (0.35, -50), (0.4, 0)):
        assert 1200 * np.log2(turns_per_second(x, at, 0.01) / 440) == pytest.approx(cents, abs=2)


def test_a_unison_is_spread_in_pitch_and_place():
    keys = {"unison": 3, "detune_cents": 60.0, "width": 1.0}
    x = sound({"subtractive": {**PURE, **keys}}, 81, 4.0, channels=2)[9_600:172_800]
    cents = np.array([-30, 0, 30])
    left, right = (np.array([strength(side, 880 * 2 ** (c / 1200)) for c in cents]) for side in x.T)
    assert np.allclose(np.sort([left[0] / left[1], left[2] / left[1]]), [0, 2**0.5], atol=0.02)
    assert np.allclose(left**2 + right**2, np.full(3, left[1] ** 2 * 2), rtol=0.02)
    assert strength(x[:, 0], 880 * 2 ** (15 / 1200)) < 0.01 * left[1]


# --- fm ---------------------------------------------------------------------------------------


def test_side_bands_are_bessels():
    carrier, still = {"level": 1.0, "ratio": 10.0, "envelope": HELD, "velocity": 0.0}, {"level": 0.0}
    modulator = {"level": 0.2, "ratio": 1.0, "envelope": HELD, "velocity": 0.0}
    x = sound({"fm": {"operators": [carrier, modulator, still, still]}}, 57)[4_800:43_200, 0]
    index = 0.2 * 4 * np.pi
    for n in range(-6, 7):
        expected = abs(special.jv(n, index)) * 10 ** (-12 / 20)
        assert strength(x, 220 * (10 + n)) == pytest.approx(expected, abs=2e-4)


def test_levels_are_scaled_by_velocity_and_key():
    operator = fm.Operator(level=0.8, velocity=0.6, scaling_db=6.0)
    assert operator.peak_level(Note(0, 1, 45, 1.0)) == 0.8
    assert operator.peak_level(Note(0, 1, 81, 1.0)) == pytest.approx(0.8 * 10 ** (-12 / 20))
    assert operator.peak_level(Note(0, 1, 57, 0.5)) == pytest.approx(0.8 * (0.4 + 0.6 * 0.25))


def test_operators_that_there_is_no_room_for_are_silent():
    operators = [{"level": 1.0, "ratio": 16.0}, *[{"level": 0.0}] * 3]
    assert not np.any(sound({"fm": {"operators": operators}}, 96, 0.1))


def test_side_bands_below_hearing_are_left_out():
    pair = [{"level": 1.0, "cents": 2.0, "envelope": HELD}, {"level": 0.14, "envelope": HELD}]
    x = sound({"fm": {"operators": [*pair, *[{"level": 0.0}] * 2]}}, 84, 3.0)[:, 0]  # they beat at 1.2 Hz
    slow = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    assert decibels(np.max(slow[: 10 * len(x) // RATE]) / np.max(slow)) < -40


@pytest.mark.parametrize("algorithm", range(1, 9))
def test_every_operator_has_its_place_in_every_algorithm(algorithm):
    def heard(loud):
        operators = [
            {"level": 0.1 if n in loud else 0.0, "ratio": float(n), "envelope": HELD, "velocity": 0.0}
            for n in (1, 2, 3, 4)
        ]
        return np.max(np.abs(sound({"fm": {"algorithm": algorithm, "operators": operators}}, seconds=0.2)))

    carriers = {1: {1}, 2: {1}, 3: {1}, 4: {1}, 5: {1, 3}, 6: {1, 2, 3}, 7: {1, 2, 3}, 8: {1, 2, 3, 4}}[
        algorithm
    ]
    assert {n for n in (1, 2, 3, 4) if heard({n}) > 0} == carriers


def test_the_algorithms_are_those_of_the_keys_help():
    def spelt(i, wires):
        into = [spelt(m, wires) for m in wires.get(i, ())]
        return f"{into[0]}>{i}" if len(into) == 1 else f"({','.join(into)})>{i}" if into else str(i)

    told = get_type_hints(fm.Fm, include_extras=True)["algorithm"].__metadata__[0].help
    for number, (heard, wires) in fm._ALGORITHMS.items():
        each = " + ".join(spelt(i, wires) for i in heard)
        assert f"{number} {'is ' if number == 1 else ''}{each if number != 6 else '4>(1,2,3)'}" in told


# --- plucked ----------------------------------------------------------------------------------


@pytest.mark.parametrize("pitch", [40, 57, 76])
def test_a_string_rings_as_long_as_it_says(pitch):
    keys = {"decay_s": 3.0, "damping_hz": 1_000.0, "body": "none"}
    x = sound({"plucked": keys}, pitch, 1.2)[:, 0]
    for k in (1, 2, 5):
        f = hertz(pitch) * k
        ring = 3.0 * (220 / hertz(pitch)) ** 0.5 / (1 + (f / 1_000) ** 2)
        gap = min(0.5, ring / 4)
        early, late = (strength(x[round(a * RATE) : round((a + 0.3) * RATE)], f) for a in (0.1, 0.1 + gap))
        assert decibels(early / late) == pytest.approx(60 * gap / ring, rel=0.02)


def test_a_string_that_is_plucked_in_the_middle_has_no_even_partials():
    x = sound({"plucked": {"pick_position": 0.5, "decay_s": 20.0}})[4_800:43_200, 0]
    assert all(strength(x, 220 * k) < 1e-3 * strength(x, 220 * (k - 1)) for k in (2, 4, 6))


def test_a_stiff_strings_partials_are_stretched():
    b = 0.0004
    x = sound({"plucked": {"stiffness": b, "decay_s": 20.0, "damping_hz": 20_000.0}}, seconds=2.0)[
        4_800:91_200, 0
    ]
    for k in (2, 5, 10, 15):
        expected = 220 * k * ((1 + b * k * k) / (1 + b)) ** 0.5
        near = expected + np.linspace(-3, 3, 601)
        assert near[np.argmax([strength(x, f) for f in near])] == pytest.approx(expected, abs=0.1)


def test_equal_strings_ring_equally_however_long_they_are_held():
    for keys in ({}, {"stiffness": 0.001, "body": "bass"}):
        short, long = (
            sound({"plucked": {"release_ms": 10.0, **keys}}, 45, s)[:38_400, 0] for s in (0.8, 3.0)
        )
        assert decibels(np.max(np.abs(short - long)) / np.max(np.abs(long))) < -65


# --- organ ------------------------------------------------------------------------------------


def test_drawbars_are_in_steps_of_3_db():
    entry = {"organ": {"drawbars": "87 6543 210", "click": 0.0, "rotor_depth": 0.0}}
    x = sound(entry)[4_800:43_200, 0]
    halves = (1, 3, 2, 4, 6, 8, 10, 12)
    found = [decibels(strength(x, 110 * h)) for h in halves]
    assert np.allclose(np.array(found) - found[0], [0, -3, -6, -9, -12, -15, -18, -21], atol=0.05)
    assert strength(x, 110 * 16) < 1e-5


def test_percussion_falls_by_20_db_in_its_time():
    keys = {
        "drawbars": "80 0000 000",
        "percussion": "third",
        "percussion_ms": 300.0,
        "click": 0.0,
        "rotor_depth": 0.0,
    }
    x = sound({"organ": keys})[:, 0]
    early, late = (strength(x[a : a + 4_800], 660) for a in (2_400, 16_800))
    assert decibels(early / late) == pytest.approx(20, abs=0.2)


def test_the_horn_comes_to_one_side_as_it_goes_from_the_other():
    keys = {"drawbars": "00 8000 000", "click": 0.0, "rotor_hz": 1.0, "rotor_depth": 1.0}
    left, right = sound({"organ": keys}, channels=2).T
    near, far = (np.max(np.abs(x[11_000:13_000])) for x in (left, right))  # after a quarter turn
    assert near / far == pytest.approx(1.4 / 0.6, rel=0.01)
    assert turns_per_second(left, 0.5) < 219.5 and turns_per_second(right, 0.5) > 220.5


def test_wheels_that_there_is_no_room_for_are_silent():
    note = Note(0, 8_000, 80.0, 1.0)
    organ = instruments.make({"organ": {"drawbars": "00 0000 800", "click": 0.0}})
    assert not np.any(organ.sound(note, 8_000, 1, ""))


@pytest.mark.parametrize("text", ["88 8000 00", "98 8000 000", "", "00 0000 000", 888000000])
def test_drawbars_that_there_are_not(text):
    with pytest.raises(ValidationError):
        TypeAdapter(registry.load("stemwright.instruments", "organ")).validate_python({"drawbars": text})
