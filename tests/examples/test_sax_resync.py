"""sax-resync, judged by its rubric with NumPy alone."""

import numpy as np
import pytest
import soundfile as sf

pytestmark = pytest.mark.long

RATE, BEAT = 44_100, 60 / 96
BEATS = np.add.outer([0, 8, 16], [0, 0.5, 1, 2, 2.5, 3, 4, 4.5, 5, 6, 6.5, 7]).ravel()
WRITTEN = BEATS * BEAT
PITCHES = [58, 62, 65, 67, 65, 62, 63, 65, 67, 65, 63, 60] * 3  # MIDI notes


@pytest.fixture(scope="module")
def song(example):
    return example("sax-resync")


@pytest.fixture(scope="module")
def sax(song):
    return song.delivered("sax").mean(axis=1)


@pytest.fixture(scope="module")
def take(song):
    return sf.read(song / "takes/sax.wav")[0]


def onsets(samples):
    """When the level, over 4 ms, rises above -18 dB of its greatest, after it was below -24 dB; in seconds."""
    power = np.convolve(samples**2, np.ones(176) / 176, "same")
    loud, quiet = power > power.max() * 10**-1.8, power < power.max() * 10**-2.4
    state = np.where(loud, 1, np.where(quiet, -1, 0))
    places = np.flatnonzero(state)
    rises = np.flatnonzero((state[places][1:] == 1) & (state[places][:-1] == -1)) + 1
    return np.concatenate([places[:1][state[places[:1]] == 1], places[rises]]) / RATE


def share(found, seconds=0.03):
    """Of the written notes, those with an onset that near."""
    return np.mean(np.abs(np.subtract.outer(WRITTEN, found)).min(axis=1) <= seconds)


def test_its_onsets_are_where_they_are_written(sax, take):
    recorded, brought = onsets(take), onsets(sax)
    assert len(recorded) == len(brought) == len(WRITTEN)
    assert share(recorded) < 0.2 and share(recorded - recorded[0]) < 0.2  # as it is; and begun on time
    assert share(brought) >= 0.9
    assert abs(np.median(brought - WRITTEN)) < 0.01


def pitch(samples):
    """MIDI note, by the autocorrelation's peak: a parabola through three points of it."""
    spectrum = np.fft.rfft(samples * np.hanning(len(samples)), 4 * len(samples))
    likeness, window = (
        np.fft.irfft(np.abs(each) ** 2)
        for each in (spectrum, np.fft.rfft(np.hanning(len(samples)), 4 * len(samples)))
    )
    likeness = likeness[: len(samples) // 2] / window[: len(samples) // 2]
    first, last = round(RATE / 500), round(RATE / 200)
    peak = first + np.argmax(likeness[first:last])
    a, b, c = likeness[peak - 1 : peak + 2]
    return 69 + 12 * np.log2(RATE / (peak + (a - c) / (2 * (a - 2 * b + c))) / 440)


def test_its_pitch_is_as_played(sax, take):
    """Before the vibrato begins: from 60 to 200 ms after each onset."""
    for samples in (take, sax):
        found = [pitch(samples[round((at + 0.06) * RATE) :][: round(0.14 * RATE)]) for at in onsets(samples)]
        assert np.abs(np.subtract(found, PITCHES)).max() < 0.05


def bands(samples):
    """Levels in thirds of an octave from 200 Hz to 8 kHz, in dB of the whole."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    edges = 200 * 2 ** (np.arange(17) / 3) * len(samples) / RATE
    sums = np.add.reduceat(power, np.rint(edges).astype(int))[:-1]
    return 10 * np.log10(sums / sums.sum())


def test_its_timbre_is_as_played(sax, take):
    assert np.abs(bands(sax) - bands(take)).max() < 1.5


def lag(samples, other):
    """Seconds by which `samples` are later than `other`, to a fraction of a frame, above 2 kHz."""
    size = 1 << (len(samples) + len(other)).bit_length()
    one, two = (
        np.fft.rfft(each, size) * (np.fft.rfftfreq(size, 1 / RATE) > 2_000) for each in (samples, other)
    )
    likeness = np.fft.irfft(np.pad(one * two.conj(), (0, 7 * size // 2)))  # eight times as fine
    peak = np.argmax(likeness)
    return (peak - len(likeness) if peak > len(likeness) // 2 else peak) / RATE / 8


def test_the_band_and_the_demo_are_one(song):
    demo = sf.read(song / "takes/demo.wav")[0].mean(axis=1)[round(2.9 * RATE) :]
    assert abs(lag(song.delivered("band").mean(axis=1), demo)) < 0.0001
    assert abs(lag(sf.read(song / "takes/band.wav")[0].mean(axis=1), demo) - 0.2173) < 0.0001
