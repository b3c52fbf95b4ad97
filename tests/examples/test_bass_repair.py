"""bass-repair, judged by its rubric with NumPy alone."""

import numpy as np
import pytest
import soundfile as sf

pytestmark = pytest.mark.long

RATE, BEAT = 44_100, 0.6
# What is edited, in seconds, with half a crossfade at each joint: a note, a phrase to its new place and away, a rest.
EDITED = [
    (9.95 * BEAT - 0.005, 10.95 * BEAT + 0.005),
    (8.36, 9.575),
    (19.1 * BEAT - 0.01, 19.75 * BEAT + 0.01),
]
NOTES = [(10, 41), (14, 40), (14.5, 43), (15, 45)]  # beat from 0, MIDI note: those that were wrong or late


@pytest.fixture(scope="module")
def song(example):
    return example("bass-repair")


@pytest.fixture(scope="module")
def take(song):
    return sf.read(song / "takes/bass.wav")[0]


@pytest.fixture(scope="module")
def outside():
    kept = np.ones(round(24 * BEAT * RATE), bool)
    for start, end in EDITED:
        kept[round(start * RATE) - 1 : round(end * RATE) + 1] = False
    return kept


@pytest.fixture(scope="module")
def repaired(song):
    """As delivered, at the level of the take."""
    return song.delivered("bass")[:, 0] * 10 ** (-level(song, "bass") / 20)


def level(song, name):
    (gain,) = (stem["fader_db"] for stem in song.manifest["mix"]["stems"] if stem["stem"] == name)
    return gain


def test_outside_of_the_edits_it_is_the_take(song, take, outside, repaired):
    stem = sf.read(song / "build/bass-repair/stems/bass.wav")[0]
    assert np.array_equal(stem[outside], np.stack([take, take], axis=1)[outside])
    step = 2**-23 * 10 ** (-level(song, "bass") / 20)  # of 24 bits, with dither
    assert np.abs(repaired - take)[outside].max() < 2 * step
    assert np.abs(repaired - take)[~outside].max() > 0.1


def above(hertz, samples):
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / RATE) < hertz] = 0
    return np.fft.irfft(spectrum, len(samples))


def attack(samples, near):
    """When a finger plucks within 90 ms of a time, in seconds: above 2 kHz, a fifth of the greatest level."""
    power = np.convolve(above(2_000, samples) ** 2, np.ones(44), "same")  # of a millisecond
    around = power[round((near - 0.09) * RATE) : round((near + 0.09) * RATE)]
    return near - 0.09 + np.argmax(around > 0.2 * around.max()) / RATE


def pitch(samples):
    """MIDI note, by the harmonics' peaks in the spectrum: the fundamental that has most of them."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    notes = np.arange(33, 50, 0.01)
    hertz = 440 * 2 ** ((notes - 69) / 12)
    bins = np.rint(np.multiply.outer(np.arange(1, 13), hertz) * (1 << 18) / RATE).astype(int)
    return notes[np.argmax(np.log(spectrum[bins] + 0.003 * spectrum.max()).sum(axis=0))]


def test_notes_are_as_written(repaired, take):
    for beat, midi in NOTES:
        at = attack(repaired, beat * BEAT)
        assert abs(at - beat * BEAT) < 0.005
        assert abs(pitch(repaired[round((at + 0.01) * RATE) :][: round(0.2 * RATE)]) - midi) < 0.1
    before = pitch(take[round((10 * BEAT + 0.01) * RATE) :][: round(0.2 * RATE)])
    assert abs(before - 42) < 0.1
    assert all(0.055 < attack(take, beat * BEAT) - beat * BEAT < 0.075 for beat in (14, 14.5, 15))


def test_the_rest_is_silent(repaired, take):
    rest = slice(*(round(19 * BEAT * RATE + seconds * RATE) for seconds in (0.07, 0.44)))
    assert np.abs(take[rest]).max() > 0.1 and np.abs(repaired[rest]).max() < 0.001


def test_no_joint_clicks(repaired, take):
    """Above 5 kHz, a joint is 30 dB below the loudest pluck of the take; without crossfades, it is 13 dB below it."""
    found, played = (np.convolve(above(5_000, each) ** 2, np.ones(88), "same") for each in (repaired, take))
    joints = [round(joint * RATE) for joint in (*np.ravel(EDITED), 9.505)]
    loudest = max(found[joint - 300 : joint + 300].max() for joint in joints)
    assert loudest < 0.001 * played[: round(9 * BEAT * RATE)].max()


@pytest.mark.parametrize("name, gain_db", [("bass", -7), ("drums", -3)])
def test_levels_are_those_of_the_rough_mix(song, name, gain_db):
    assert abs(level(song, name) - gain_db) < 0.1
