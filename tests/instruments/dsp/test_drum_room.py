"""The room of the drum kit: after the hit, from both sides, short, the same at every rate."""

import numpy as np
import pytest

from stemwright.instruments.dsp.drum_kit import PIECES
from stemwright.instruments.dsp.drum_room import TAIL_S, add_room


def impulse(piece, rate=48_000, channels=2):
    """What the room alone makes of one full sample."""
    one = np.zeros(rate // 50)
    one[0] = 1.0
    return add_room(one, np.zeros(channels), piece, rate, 1.0)


@pytest.mark.parametrize("piece", ["kick", "snare", "ride", "crash"])
def test_the_direct_sound_comes_first_and_from_its_side(piece):
    """Its delay is the way of the sound, by geometry, and never before the hit."""
    wave = impulse(piece)
    about = PIECES[piece]
    heard = []
    for side, x in enumerate((1.9, 2.9)):
        metres = np.linalg.norm([2.4 + 1.2 * about.pan - x, 1.9 - 2.2, about.height_m - 1.9])
        power = wave[:, side] ** 2
        heard.append(np.argmax(power) / 48)
        assert heard[-1] == pytest.approx(1000 * metres / 343, abs=0.3)
        assert power[: round(48 * (heard[-1] - 0.5))].sum() < 0.05 * power.sum()
    assert np.sign(heard[0] - heard[1]) == np.sign(about.pan)


def test_it_dies_away_and_has_no_lows():
    wave = impulse("snare")
    power = (wave**2).sum(axis=1)
    left = 10 * np.log10(np.cumsum(power[::-1])[::-1] / power.sum())  # Schroeder's integral
    at = {level: np.argmax(left < level) / 48_000 for level in (-5, -25)}
    assert 0.08 < 3 * (at[-25] - at[-5]) < 0.5  # its reverberation time, s
    assert len(wave) == 960 + round(TAIL_S * 48_000)
    response = np.abs(np.fft.rfft(wave[:, 0], 1 << 16)) ** 2
    hertz = np.fft.rfftfreq(1 << 16, 1 / 48_000)
    lows, middle = (response[(hertz > a) & (hertz < 2 * a)].mean() for a in (30, 500))
    assert 10 * np.log10(lows / middle) < -15


def test_the_sides_are_decorrelated():
    left, right = impulse("snare")[480:].T
    assert abs(left @ right) < 0.3 * np.linalg.norm(left) * np.linalg.norm(right)


def test_it_is_the_same_at_every_rate_and_without_it_nothing_is_added():
    low, high = (np.fft.rfft(impulse("snare", rate)[:, 0], 10 * rate) for rate in (44_100, 96_000))
    assert np.linalg.norm((low - high[: len(low)])[:150_000]) < 0.03 * np.linalg.norm(low[:150_000])
    sound = np.random.default_rng(1).normal(size=500)
    assert np.array_equal(add_room(sound, np.array([0.5, 1.0]), "hat", 8_000, 0.0)[:, 1], sound)
    mono = impulse("hat", 8_000, 1)
    assert mono[:, 0] == pytest.approx(impulse("hat", 8_000).mean(axis=1), abs=1e-12)


def test_a_reflection_has_gone_further_and_lost_what_a_wall_takes():
    """The kick's direct sound and that by way of the floor, in the left overhead, against their closed form."""
    wave = impulse("kick")[:, 0]
    ways = np.linalg.norm([[2.4 - 1.9, 1.9 - 2.2, 1.9 - z] for z in (0.3, -0.3)], axis=1)
    spans = [round(48_000 * way / 343) for way in ways]
    direct, floor = (np.abs(np.fft.rfft(wave[at - 38 : at + 38] * np.hanning(76), 4_800)) for at in spans)
    for hertz in (1_500, 6_000, 12_000):
        expected = 0.7 / np.hypot(1, hertz / 7_000) * ways[0] / ways[1]
        assert floor[hertz // 10] / direct[hertz // 10] == pytest.approx(expected, rel=0.1)


def test_the_tail_is_dull():
    """Its power falls as that of a first-order low-pass at 9 kHz."""
    late = np.abs(np.fft.rfft(impulse("snare")[1_920:9_600], axis=0)) ** 2
    hertz = np.fft.rfftfreq(7_680, 1 / 48_000)
    bands = [(hertz > low) & (hertz < high) for low, high in ((1_000, 4_000), (12_000, 20_000))]
    expected = [np.mean(1 / (1 + (hertz[band] / 9_000) ** 2)) for band in bands]
    found = [late[band].mean() for band in bands]
    assert 10 * np.log10(found[1] / found[0] / (expected[1] / expected[0])) == pytest.approx(0, abs=1)
