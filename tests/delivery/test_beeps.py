"""Beeps: exact onsets in silence, no offset, and no more than a trace of what a lower sample rate could not hold."""

import numpy as np
import pytest

from stemwright.delivery.beeps import BAR_CLICK, BEAT_CLICK, beeps, cue

KINDS = [BAR_CLICK, BEAT_CLICK, cue(0), cue(9)]


def track(found, rate=48_000, channels=1, frames=48_000):
    return np.concatenate(list(beeps(found, rate, channels, frames)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_a_beep_alone(kind, rate):
    sound = track([(100, kind)], rate, 2, rate)
    assert sound.shape == (rate, 2) and (sound[:, 0] == sound[:, 1]).all()
    heard = np.flatnonzero(sound[:, 0])
    assert heard[0] == 100 and heard[-1] < 100 + kind.seconds * rate
    assert np.abs(sound).max() == pytest.approx(kind.peak) and abs(sound.sum()) < 1e-9
    assert abs(sound[100, 0]) > 16 / 2**15  # not lost where the file has 16 bits
    power = np.abs(np.fft.rfft(sound[:, 0])) ** 2
    hz = np.fft.rfftfreq(rate, 1 / rate)
    assert hz[np.argmax(power)] == pytest.approx(kind.hz, rel=0.05)
    above = power[hz > 22_050].sum() / power.sum()
    assert 10 * np.log10(above + 1e-30) < -70


def test_beeps_that_are_near_do_not_touch():
    sound = track([(0, cue(0)), (60, BAR_CLICK), (68, BEAT_CLICK), (8_000, BEAT_CLICK)], 8_000, 1, 8_001)
    heard = set(np.flatnonzero(sound))
    assert len(sound) == 8_001 and {0, 60, 68, 8_000} <= heard
    assert not heard & {*range(45, 60), 66, 67} and np.isfinite(sound).all()


def test_a_long_track_is_silence_in_blocks():
    assert max(len(block) for block in beeps([(300_000, cue(1))], 8_000, 1, 500_000)) <= 1 << 16
    assert len(track([], frames=200_000)) == 200_000
