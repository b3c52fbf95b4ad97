"""The drum kit: the same at every sample rate."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from drum_patterns import PEAK_DB, PIECES

from stemwright.instruments.dsp import drum_kit

LONGEST = {"ride": 1.7, "crash": 2.7, "tom_low": 0.9}


def test_the_pieces():
    assert {piece: about.level_db for piece, about in drum_kit.PIECES.items()} == PEAK_DB
    assert all(-1 < about.pan < 1 for about in drum_kit.PIECES.values())
    with pytest.raises(KeyError):
        drum_kit.hit("gong", 48_000, 1.0)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("velocity", [1.0, 0.3])
def test_a_hit_begins_at_once_and_ends_without_a_click(piece, rate, velocity):
    wave = drum_kit.hit(piece, rate, velocity)
    peak = np.max(np.abs(wave))
    assert peak == pytest.approx(velocity**2 * 10 ** (PEAK_DB[piece] / 20))
    assert wave[0] != 0
    assert np.max(np.abs(wave[: round(0.001 * rate)])) > 0.1 * peak
    assert abs(wave[-1]) < 1e-3 * peak
    assert np.max(np.abs(wave[-round(0.001 * rate) :])) < 0.01 * peak
    assert 0.1 <= len(wave) / rate <= LONGEST.get(piece, 0.7)
    assert abs(wave.mean()) < 1e-12
    before_the_fade = wave[: len(wave) - round(0.005 * rate)][-round(0.002 * rate) :]
    assert np.max(np.abs(before_the_fade)) < 0.05 * peak  # it has died by itself


@pytest.mark.parametrize("piece", PIECES)
def test_a_softer_hit_is_duller(piece):
    """What lies in the upper half of a piece's energy falls faster than its lower half, at each step down."""
    spectra = [
        np.abs(np.fft.rfft(drum_kit.hit(piece, 48_000, velocity))) ** 2 for velocity in (1.0, 0.6, 0.3, 0.1)
    ]
    middle = np.searchsorted(np.cumsum(spectra[0]), spectra[0].sum() / 2)
    ratios = [10 * np.log10(power[2 * middle :].sum() / power[:middle].sum()) for power in spectra]
    assert all(louder - softer > 0.3 for louder, softer in pairwise(ratios))
    assert ratios[0] - ratios[-1] > 3


@pytest.mark.parametrize("piece", PIECES)
def test_the_velocity_of_a_hit_moves_it_by_nothing(piece):
    """Softer and louder begin together: the envelope's first 3 ms rise in step."""
    loud, soft = (np.abs(drum_kit.hit(piece, 48_000, velocity))[:144] for velocity in (1.0, 0.3))
    reached = [np.flatnonzero(wave > 0.1 * wave.max())[0] for wave in (loud, soft)]
    assert abs(reached[0] - reached[1]) <= 5  # a tenth of a millisecond


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_is_the_same_sound_at_every_rate(piece):
    """Up to 18 kHz, a rate of 44.1 kHz sounds as 96 kHz does: nothing is folded down."""
    low, high = (np.fft.rfft(drum_kit.hit(piece, rate, 1.0)) / rate for rate in (44_100, 96_000))
    bins = round(
        18_000 * len(drum_kit.hit(piece, 44_100, 1.0)) / 44_100
    )  # both last as long: their bins are the same
    low, high = low[:bins], high[:bins]
    level = np.vdot(low, high).real / np.vdot(low, low).real
    assert abs(20 * np.log10(level)) < 1  # each is brought to its peak, and a peak may lie between samples
    assert np.linalg.norm(high - level * low) < 0.02 * np.linalg.norm(high)


@pytest.mark.parametrize(
    "piece, low, high",
    [
        ("kick", 30, 200),
        ("snare", 100, 15_600),
        ("rim", 300, 12_000),
        ("hat", 4_000, 20_000),
        ("tom_low", 60, 250),
        ("tom_mid", 90, 360),
        ("tom_high", 130, 500),
        ("shaker", 3_400, 16_000),
        ("cowbell", 500, 4_500),
        ("ride", 800, 18_000),
        ("crash", 350, 18_000),
    ],
)
def test_where_a_piece_sounds(piece, low, high):
    wave = drum_kit.hit(piece, 48_000, 1.0)
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / 48_000)
    assert power[(hertz >= low) & (hertz <= high)].sum() > 0.95 * power.sum()


def test_toms_fall_and_lie_apart():
    """Each is tuned a fifth or so above the next: the strongest partial of what rings, by an FFT."""
    found = []
    for piece in ("tom_low", "tom_mid", "tom_high"):
        ringing = drum_kit.hit(piece, 48_000, 1.0)[4_800:]
        power = np.abs(np.fft.rfft(ringing * np.hanning(len(ringing)), 1 << 19))
        found.append(np.argmax(power) * 48_000 / (1 << 19))
    assert found == pytest.approx([82, 118, 165], rel=0.02)


def test_the_high_end_of_metal_dies_first():
    for piece in ("ride", "crash"):
        wave = drum_kit.hit(piece, 48_000, 1.0)
        early, late = (
            np.abs(np.fft.rfft(wave[at : at + 9_600] * np.hanning(9_600))) ** 2 for at in (0, 48_000)
        )
        high, low = slice(1_800, None), slice(0, 800)  # bins of 5 Hz: above 9 kHz, below 4 kHz
        assert early[high].sum() / early[low].sum() > 5 * late[high].sum() / late[low].sum()


@pytest.mark.parametrize("piece", PIECES)
def test_takes_differ_in_timbre(piece):
    """By an FFT: no take is another at another level, and each keeps the tone of the piece."""
    first, *others = (
        np.abs(np.fft.rfft(drum_kit.hit(piece, 48_000, 1.0, take, 0.5), 1 << 17))
        for take in range(drum_kit.TAKES)
    )
    bands = [
        slice(round(hertz * 2.73), round(hertz * 5.46)) for hertz in (62, 125, 250, 500, 1_000, 2_000, 4_000)
    ]
    for other in others:
        level = first @ other / (first @ first)
        assert np.linalg.norm(other - level * first) > 0.02 * np.linalg.norm(other)
        for band in bands:  # octaves that matter are as loud, within 4 dB
            if np.sum(first[band] ** 2) > 0.1 * np.sum(first**2):
                assert abs(10 * np.log10(np.sum(other[band] ** 2) / np.sum(first[band] ** 2))) < 4
    assert np.array_equal(*(drum_kit.hit(piece, 48_000, 0.5, take, 0.0) for take in (0, 3)))


def test_takes_differ_by_the_variation():
    """The tuning of a tom, whose spectrum has its peak at the head's lowest mode."""

    def spread(variation):
        waves = [drum_kit.hit("tom_low", 8_000, 1.0, take, variation)[800:] for take in range(drum_kit.TAKES)]
        peaks = [np.argmax(np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))) for wave in waves]
        return np.std(peaks) / np.mean(peaks)

    assert spread(0.0) < spread(0.1) < 0.2 * spread(1.0) and 0.004 < spread(1.0) < 0.03
