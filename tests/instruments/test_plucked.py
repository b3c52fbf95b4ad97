"""Plucked strings: decay, partials and stiffness."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from synth_sounds import RATE, decibels, hertz, sound, strength

from stemwright import instruments
from stemwright.instruments import Note
from stemwright.music.render_context import RenderContext


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
        band = expected - 3, expected + 3
        spectrum = signal.zoom_fft(x * np.blackman(len(x)), band, 601, fs=RATE, endpoint=True)
        found = np.linspace(*band, 601)[np.argmax(np.abs(spectrum))]
        assert found == pytest.approx(expected, abs=0.1)


def test_equal_strings_ring_equally_however_long_they_are_held():
    for keys in ({}, {"stiffness": 0.001, "body": "bass"}):
        short, long = (
            sound({"plucked": {"release_ms": 10.0, **keys}}, 45, s)[:38_400, 0] for s in (0.8, 3.0)
        )
        assert decibels(np.max(np.abs(short - long)) / np.max(np.abs(long))) < -65


SAMPLED = {
    "nylon": (-8.5, -4.4, -8.1, -5.3, -16.3, -17.6, -20.9),
    "steel": (-9.1, -6.1, -3.8, -8.8, -16.4, -13.8, -17.2),
}
"""The octave bands from 125 Hz to 8 kHz of FluidR3's guitars (programs 24 and 25), in dB of the whole: the mean power
of nine notes from E2 to E5 of one second at velocity 0.8, as bench/plucked.py measures them."""


@pytest.mark.parametrize("name", SAMPLED)
def test_guitars_have_the_octave_bands_of_sampled_ones(name):
    found = []
    for n, pitch in enumerate((40, 45, 50, 55, 60, 64, 69, 72, 76)):
        x = repeated({"preset": {"name": name}}, pitch, 1, 1.0, place=str(n))[0]
        power, f = np.abs(np.fft.rfft(x)) ** 2, np.fft.rfftfreq(len(x), 1 / RATE)
        bands = [power[(f >= c / 2**0.5) & (f < c * 2**0.5)].sum() for c in 125 * 2.0 ** np.arange(7)]
        found.append(np.array(bands) / power.sum())
    assert 10 * np.log10(np.mean(found, axis=0)) == pytest.approx(SAMPLED[name], abs=2)


def repeated(entry, pitch, count, seconds, velocity=0.8, place="", seed="test"):
    """Equal notes, one after another, each from its first frame on; mono."""
    apart = round(1.3 * seconds * RATE)
    notes = [
        Note(n * apart, round(seconds * RATE), pitch, velocity, place=f"{place}{n}") for n in range(count)
    ]
    context = RenderContext(RATE, 1, count * apart, seed)
    x = np.concatenate(list(instruments.make(entry).play(notes, context)))[:, 0]
    return x.reshape(count, apart)


def test_repeated_notes_differ_as_a_players_do_and_are_in_tune():
    entry = {"preset": {"name": "nylon"}}
    takes = repeated(entry, 52, 6, 0.5)
    alike = np.corrcoef(takes)[np.triu_indices(6, 1)]
    assert alike.min() > 0.8 and np.median(alike) < 0.999
    level = decibels(np.std(takes, axis=1))
    assert np.ptp(level) < 4
    assert np.array_equal(takes, repeated(entry, 52, 6, 0.5))
    assert not np.array_equal(takes, repeated(entry, 52, 6, 0.5, seed="other"))
    for take in takes:
        half = 9_600
        turned = take[2_400:] * np.exp(-2j * np.pi * hertz(52) * np.arange(len(take) - 2_400) / RATE)
        early, late = (np.sum(turned[a : a + half] * np.hanning(half)) for a in (0, half))
        assert abs(1_200 * np.log2(1 + np.angle(late / early) / (2 * np.pi * hertz(52) * half / RATE))) < 2


def test_without_variation_and_knock_equal_notes_are_equal():
    takes = repeated({"plucked": {}}, 52, 2, 0.5)
    assert np.array_equal(*takes)


def test_the_knock_of_a_pluck_is_short_and_below_the_note():
    keys = {"body": "classical", "variation": 0.0}
    with_it, without = (repeated({"plucked": {**keys, "knock": k}}, 64, 1, 0.5)[0] for k in (0.1, 0.0))
    knock = with_it - without
    assert decibels(np.max(np.abs(knock)) / np.max(np.abs(without))) == pytest.approx(-20, abs=0.1)
    assert np.max(np.abs(knock[round(0.21 * RATE) :])) == 0 < np.std(knock[: RATE // 20])


def test_no_two_knocks_in_a_row_need_be_the_same():
    takes = repeated({"plucked": {"knock": 1.0, "variation": 0.0}}, 52, 6, 0.5)
    assert len({take.tobytes() for take in takes}) > 2


def test_a_muted_string_decays_soon_its_highs_first():
    note = Note(0, RATE, 57, 0.8, is_muted=True)
    keys = {"decay_s": 9.0, "damping_hz": 9_000.0, "body": "none", "release_ms": 10.0}
    x = instruments.make({"plucked": keys}).sound(note, RATE, 1, "")[:, 0]
    for k in (1, 2, 3):
        ring = 0.4 / (1 + (220 * k / 700) ** 2)
        early, late = (strength(x[round(a * RATE) : round((a + 0.1) * RATE)], 220 * k) for a in (0.02, 0.07))
        assert decibels(early / late) == pytest.approx(60 * 0.05 / ring, rel=0.05)
