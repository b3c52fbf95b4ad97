"""The gate of keys: progressions in known keys, section by section, right and wrong."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from marks import long_but
from progressions import MODES, RATE, chroma_of, section

from stemwright.gates import Subject, make, verify
from stemwright.measure.chroma import NAMES, best_key, key_correlation


def named(tonic, mode):
    return f"{NAMES[tonic % 12]} {mode}"


@pytest.fixture
def judged(tmp_path):
    """Checks of a mix whose sections are (samples, key)."""

    def judge(*sections, names=None, **limits):
        path, at, keys = tmp_path / "a.wav", 0, []
        for index, (samples, key) in enumerate(sections):
            keys.append([names[index] if names else f"s{index}", at, at + len(samples), key])
            at += len(samples)
        sf.write(path, np.concatenate([samples for samples, _ in sections]), RATE, "FLOAT")
        subject = Subject(str(path), "mix", {}, {"keys": keys})
        return verify(subject, make({"section_key": limits})).checks

    return judge


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", long_but((0, 1), range(6)))
def test_the_right_key_passes_and_wrong_ones_are_told(judged, mode, seed):
    tonic = (5 * seed + len(mode)) % 12
    samples = section(tonic, mode, seed)
    (check,) = judged((samples, named(tonic, mode)))
    assert check.status == "pass"
    for wrong in (1, 4, 6, 11):
        (check,) = judged((samples, named(tonic + wrong, mode)))
        assert check.status == "warn" and check.limit == named(tonic + wrong, mode)


@pytest.mark.parametrize("seed", range(4))
def test_relatives_agree_and_parallels_do_not(judged, seed):
    samples = section(2, "major", seed)
    assert judged((samples, "B minor"))[0].status == "pass"
    assert judged((samples, "D minor"))[0].status == "warn"
    samples = section(9, "minor", seed)
    assert judged((samples, "C major"))[0].status == "pass"
    assert judged((samples, "A major"))[0].status == "warn"


def test_each_section_is_judged_by_itself(judged):
    checks = judged(
        (section(0, "major"), "C major"),
        (section(6, "major"), "C major"),
        (section(6, "major"), "Gb major"),
        names=["verse", "chorus", "verse"],
    )
    assert [(c.id, c.status) for c in checks] == [
        ("section_key.verse_1", "pass"),
        ("section_key.chorus", "warn"),
        ("section_key.verse_2", "pass"),
    ]
    length = len(section(0, "major"))
    assert checks[1].places == [(length, len(section(6, "major")))]


def test_limits(judged):
    samples = section(7, "major")
    (check,) = judged((samples, "D major"), margin=0.0, foreign=0.0)
    assert check.status == "warn"
    gap = suits_gap(samples, "D major")  # a fifth from G major: twice the margin
    assert judged((samples, "D major"), margin=gap / 2 + 0.01, foreign=0.0)[0].status == "pass"
    assert judged((samples, "D major"), margin=gap / 2 - 0.01, foreign=0.0)[0].status == "warn"
    gap = suits_gap(samples, "A major")
    assert judged((samples, "A major"), margin=gap + 0.01, foreign=0.0)[0].status == "pass"
    assert judged((samples, "A major"), margin=gap - 0.01, foreign=0.0)[0].status == "warn"
    assert judged((samples, "C# major"), margin=0.0, foreign=1.0)[0].status == "pass"
    assert judged((samples, "C# major"), severity="error")[0].status == "fail"


def suits_gap(samples, key):
    chroma = chroma_of(samples)
    return key_correlation(chroma, best_key(chroma)) - key_correlation(chroma, key)


@pytest.mark.parametrize(
    "samples, key, why",
    [
        (section(0, "major"), None, "it has no written key"),
        (section(0, "major", bars=1), "C major", "too short for a key: under 4 s"),
        (np.zeros(6 * RATE), "C major", "it has no pitch: silence or drums"),
        (0.1 * np.random.default_rng(0).standard_normal(6 * RATE), "C major", "it has no pitch"),
        (
            sum(0.1 * np.sin(np.arange(6 * RATE) * 2 * np.pi * f / RATE) for f in (220, 277.2, 329.6, 392)),
            "D major",
            "fewer than 5 different notes",
        ),
    ],
    ids=["no key", "short", "silent", "noise", "one chord"],
)
def test_what_cannot_be_told_is_skipped_with_a_reason(judged, samples, key, why):
    (check,) = judged((samples, key))
    assert check.status == "skip" and why in check.reason


def test_not_finite_is_no_pass(judged):
    samples = section(0, "major")
    samples[100] = np.nan
    (check,) = judged((samples, "C major"))
    assert check.status == "warn" and "not finite" in check.reason
