"""Gap: dead air between two sounds, found where it is."""

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE = 8_000


def judged(tmp_path, pauses, floor=0.0, **options):
    """Sounds of one second with pauses in seconds between them, after a second of silence."""
    rng = np.random.default_rng(1)
    pieces = [np.zeros((RATE, 2))]
    for pause in (*pauses, 0.5):
        pieces += [0.1 * rng.standard_normal((RATE, 2)), np.zeros((round(pause * RATE), 2))]
    samples = np.concatenate(pieces)
    samples += floor * rng.uniform(-1, 1, samples.shape)
    sf.write(tmp_path / "a.wav", samples, RATE, "FLOAT")
    (check,) = verify(Subject(str(tmp_path / "a.wav"), "mix"), make({"gap": options})).checks
    return check


@pytest.mark.parametrize("pauses", [(3.5, 1), (1, 3.5), (0.2, 7.37, 5)])
def test_a_long_pause_is_dead_air(tmp_path, pauses):
    check = judged(tmp_path, pauses)
    longest = max(pauses)
    start = 2 + sum(pauses[: pauses.index(longest)]) + pauses.index(longest)
    assert check.status == "warn" and check.measured == pytest.approx(longest, abs=0.021)
    minutes, seconds = check.reason.removeprefix("dead air from ").removesuffix(" on").split(":")
    assert 60 * int(minutes) + float(seconds) == pytest.approx(start, abs=0.011)


def test_short_pauses_and_silence_at_the_ends_are_none(tmp_path):
    assert judged(tmp_path, (2.9, 2.9)).status == "pass"
    assert judged(tmp_path, ()).status == "pass"


def test_room_tone_is_not_silence(tmp_path):
    assert judged(tmp_path, (6,), floor=0.002).status == "pass"
    assert judged(tmp_path, (6,), floor=0.0005).status == "warn"
