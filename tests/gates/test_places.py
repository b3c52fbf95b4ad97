"""Where in a file something is: the frames that checks name are those at which the sound was made so."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from subjects import null_subject

from stemwright.gates import Check, Subject, make, verify

RATE = 48_000


def sound(seconds=4):
    """A quiet tone that begins and ends in silence."""
    samples = 0.1 * np.sin(2 * np.pi * 220 / RATE * np.arange(seconds * RATE))
    samples *= np.clip(np.minimum(np.arange(len(samples)), np.arange(len(samples))[::-1]) / 480, 0, 1)
    return np.repeat(samples[:, None], 2, axis=1)


def put(samples, at, values, channel=0):
    samples[at : at + len(values), channel] = values
    return samples


def bursts(*spans):
    samples = np.zeros((8 * RATE, 2))
    for start, end in spans:
        samples[start:end] = 0.5 * np.sin(2 * np.pi * 440 / RATE * np.arange(end - start))[:, None]
    return samples


CASES = {
    # gate, limits, context, samples, the check, its places, and by how many frames they may be off
    "clicks": (
        "click",
        {},
        {"boundaries": [96_000]},
        put(put(sound(), 60_000, [0.5]), 96_010, [0.5]),
        {"click.boundary": [(96_010, 1)], "click.elsewhere": [(60_000, 1)]},
        1,
    ),
    "clipping": (
        "clipping",
        {},
        {},
        put(put(sound(), 150_000, [1.0] * 5, 1), 70_000, [-1.0] * 3),
        {"clipping": [(70_000, 1), (150_000, 1)]},
        0,
    ),
    "not finite": ("finite", {}, {}, put(sound(), 33_333, [np.nan, 1, np.inf]), {"finite": [(33_333, 1)]}, 0),
    "a true peak": (
        "true_peak",
        {},
        {},
        put(sound(), 123_456, [0.95, 0.95], 1),
        {"true_peak": [(123_456, 1)]},
        1,
    ),
    "a sample peak": (
        "sample_peak",
        {},
        {"target": {"name": "acx", "severity": "error", "max_peak_dbfs": -3}},
        put(sound(), 123_456, [-0.9], 1),
        {"sample_peak": [(123_456, 1)]},
        0,
    ),
    "dead air": (
        "gap",
        {},
        {},
        bursts((0, 48_000), (240_000, 384_000)),
        {"gap": [(48_000, 192_000)]},
        480,
    ),
    "silent edges": (
        "edges",
        {"max_tail_s": 1},
        {},
        bursts((96_000, 240_000)),
        {"edges.head": [(96_000 - 96_000, 96_000)], "edges.tail": [(240_000, 144_000)]},
        3,
    ),
    "the loudest moment": (
        "momentary",
        {"max_lufs": -30},
        {},
        bursts((100_800, 120_000)),
        {"momentary": [(100_800, 19_200)]},
        480,
    ),
    "the loudest three seconds": (
        "short_term",
        {"max_lufs": -30},
        {},
        bursts((100_800, 244_800)),
        {"short_term": [(100_800, 144_000)]},
        480,
    ),
    "the quietest moment": (
        "noise_floor",
        {},
        {"target": {"name": "acx", "severity": "error", "max_noise_floor_dbfs": -60}},
        np.repeat([0.1, 0.01, 0.1], [96_000, 24_000, 72_000])[:, None],
        {"noise_floor": [(96_000, 24_000)]},
        0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_gate_says_where(case, tmp_path):
    gate, limits, context, samples, expected, most = CASES[case]
    sf.write(tmp_path / "a.wav", samples, RATE, "FLOAT")
    checks = verify(Subject(str(tmp_path / "a.wav"), "master", context=context), make({gate: limits})).checks
    found = {check.id: check for check in checks if check.status in ("fail", "warn")}
    assert list(found) == list(expected)
    for name, places in expected.items():
        assert len(found[name].places) == len(places)
        assert np.abs(np.subtract(found[name].places, places)).max() <= most, found[name].places
        assert found[name].record()["places"] == [list(place) for place in found[name].places]


def test_a_check_that_passes_records_no_place_and_one_that_fails_a_hundred():
    places = [(frame, 1) for frame in range(200)]
    assert "places" not in Check("x", "pass", places=places).record()
    assert "places" not in Check("x", "fail").record()
    assert Check("x", "warn", places=places).record()["places"] == [[frame, 1] for frame in range(100)]


def test_the_null_test_says_where_the_difference_is_greatest(tmp_path):
    paths = [str(tmp_path / name) for name in ("mix.wav", "part.wav")]
    changed = put(put(sound(), 50_000, [0.2]), 131_072 + 5, [0.4], 1)
    for path, samples in zip(paths, (changed, sound()), strict=True):
        sf.write(path, samples, RATE, "FLOAT")
    subject = null_subject(paths[0], [{"path": paths[1], "gains": (1, 1), "subtype": "FLOAT"}], "mix")
    peak, rms = verify(subject, make({"null_test": {}})).checks
    assert peak.status == rms.status == "fail" and peak.places == rms.places == [(131_077, 1)]
