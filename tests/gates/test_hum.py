"""Hum: recordings with and without mains hum, and music that is near it."""

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE = 8_000
T = np.arange(24 * RATE) / RATE


def speech(seed=1):
    """Bursts of noise and of a voice, with pauses in which there is a faint room."""
    rng = np.random.default_rng(seed)
    talks = np.sin(2 * np.pi * 0.07 * T) > -0.3
    voice = sum(np.sin(2 * np.pi * 118.7 * k * T + 3 * np.sin(2 * np.pi * 0.9 * T)) / k for k in range(1, 9))
    return talks * 0.1 * voice + 1e-4 * rng.standard_normal(len(T))


def hum(mains, level_db, sway=0.0):
    """Five harmonics; the RMS of all is `level_db`."""
    phase = 2 * np.pi * (mains * T + sway / 0.3 * np.sin(2 * np.pi * 0.05 * T))
    wave = sum(np.sin(k * phase + k) / k for k in range(1, 6))
    return wave * 10 ** (level_db / 20) / np.sqrt(np.mean(wave**2))


def judged(tmp_path, samples, **options):
    sf.write(tmp_path / "a.wav", np.stack([samples, samples], axis=1), RATE, "FLOAT")
    (check,) = verify(Subject(str(tmp_path / "a.wav"), "processed"), make({"hum": options})).checks
    return check


@pytest.mark.parametrize("mains", [50, 60, 49.97, 60.04])
@pytest.mark.parametrize("level", [-30, -50, -65])
def test_hum_is_found_at_its_level(tmp_path, mains, level):
    check = judged(tmp_path, speech() + hum(mains, level))
    assert check.status == "warn" and check.reason.startswith(f"hum of {round(mains)} Hz")
    assert check.measured == pytest.approx(level, abs=1.0)


def test_hum_that_sways_with_the_mains(tmp_path):
    assert judged(tmp_path, speech() + hum(50, -50, sway=0.02)).status == "warn"


@pytest.mark.parametrize("frequency", [46.25, 49.0, 51.91, 55.0, 58.27, 61.74])
def test_a_held_bass_note_is_no_hum(tmp_path, frequency):
    rng = np.random.default_rng(2)
    note = sum(np.sin(2 * np.pi * frequency * k * T) / k for k in range(1, 7))
    assert judged(tmp_path, 0.1 * note + 1e-4 * rng.standard_normal(len(T))).status == "pass"


def test_speech_rumble_and_silence_have_none(tmp_path):
    rumble = np.cumsum(np.random.default_rng(3).standard_normal(len(T)))
    for samples in (speech(), 0.01 * rumble / np.abs(rumble).max(), 0 * T, speech() + hum(50, -75)):
        assert judged(tmp_path, samples).status == "pass"


@pytest.mark.parametrize("start", [4.1, 4.6, 5.0, 5.49])
def test_a_pause_of_two_and_a_half_seconds_shows_it_wherever_it_is(tmp_path, start):
    """As in a dialogue, whose stem is silent before the recording begins and after it ends."""
    rng = np.random.default_rng(4)
    pause = (start <= T) & (start + 2.5 > T)
    voice = 0.1 * rng.standard_normal(len(T)) * ~pause
    recorded = (T >= 1.7) & (T < 11.3)
    assert (
        judged(tmp_path, recorded * (voice + hum(50, -48) + 1e-4 * rng.standard_normal(len(T)))).status
        == "warn"
    )


def test_harmonics_without_the_first_two_are_none(tmp_path):
    """As of chords: 150, 200 and 250 Hz are near D3, G3 and B3."""
    chord = sum(np.sin(2 * np.pi * frequency * T) for frequency in (150, 200, 250, 300))
    assert judged(tmp_path, speech() + 0.003 * chord).status == "pass"


def test_tones_beside_the_lines_are_none(tmp_path):
    """What is 1 to 2 Hz off spreads to the bins of a line, with its peak elsewhere."""
    tones = sum(np.sin(2 * np.pi * (50 * k + 1.25) * T) for k in range(1, 6))
    assert judged(tmp_path, speech() + 0.05 * tones).status == "pass"
