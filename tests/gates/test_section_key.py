"""The key of each section: progressions in known keys, right and wrong."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.measure.chroma import NAMES, Chroma, best_key, key_correlation, out_of_key_share, same_scale

RATE = 24_000
MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
LOOPS = {"major": ("1564", "1645", "2511", "1415"), "minor": ("1637", "1451", "1671", "1641")}


def note(pitch, seconds, rng):
    t = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    partials = enumerate((1, 0.4, 0.2, 0.15, 0.1), 1)
    sound = sum(a * np.sin(2 * np.pi * hertz * k * t + rng.uniform(0, 6)) for k, a in partials)
    return sound * np.minimum(1, t / 0.005) * np.exp(-t / 0.8) * np.minimum(1, (seconds - t) / 0.02)


def section(tonic, mode, seed=0, bars=8, noise=0.02):
    """Chords, bass and a melody in a key, two seconds a bar, with noise as of a hi-hat."""
    rng, scale = np.random.default_rng(seed), MODES[mode]
    loops = LOOPS.get(mode, ("1741", "1427"))
    loop = loops[seed % len(loops)]

    def step(degree, octave):
        return 12 * (octave + degree // 7) + tonic + scale[degree % 7]

    out = []
    for index in range(bars):
        root, bar = int(loop[index % 4]) - 1, noise * rng.standard_normal(2 * RATE)
        for pitch in (step(root, 3), step(root, 4), step(root + 2, 4), step(root + 4, 4)):
            bar += 0.2 * note(pitch, 2, rng)
        for beat in range(4):
            degree = root + 2 * int(rng.integers(3)) if rng.random() < 0.6 else int(rng.integers(7))
            bar[beat * RATE // 2 :][: RATE // 2] += 0.25 * note(step(degree, 5), 0.5, rng)
        out.append(bar)
    return 0.4 * np.concatenate(out)


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
@pytest.mark.parametrize("seed", range(6))
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


def test_limits(judged):
    samples = section(7, "major")
    (check,) = judged((samples, "D major"), margin=0.0, foreign=0.0)
    assert check.status == "warn"
    gap = suits_gap(samples, "D major")
    assert judged((samples, "D major"), margin=gap + 0.01, foreign=0.0)[0].status == "pass"
    assert judged((samples, "D major"), margin=gap - 0.01, foreign=0.0)[0].status == "warn"
    assert judged((samples, "C# major"), margin=0.0, foreign=1.0)[0].status == "pass"
    assert judged((samples, "C# major"), severity="error")[0].status == "fail"


def chroma_of(samples):
    meter = Chroma()
    meter.start(RATE, 1)
    meter.feed(samples[:, None])
    return meter.chroma.sum(axis=0)


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


def test_chroma_of_known_notes():
    for pitch in range(48, 84):
        chroma = chroma_of(np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(2 * RATE) / RATE))
        assert np.argmax(chroma) == pitch % 12 and chroma.max() / chroma.sum() > 0.99


def test_chroma_does_not_hang_on_the_block_size():
    samples, whole = section(3, "minor")[:, None], chroma_of(section(3, "minor"))
    for block in (1_000, 1 << 16):
        meter = Chroma()
        meter.start(RATE, 1)
        for start in range(0, len(samples), block):
            meter.feed(samples[start : start + block])
        assert meter.chroma.sum(axis=0) == pytest.approx(whole)


def test_scales_and_relatives():
    assert (
        same_scale("C major", "A minor")
        and same_scale("D dorian", "C major")
        and same_scale("Gb major", "F# major")
    )
    assert not same_scale("C major", "C minor") and not same_scale("C major", "G major")
    white = np.array([1.0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])
    for key in ("C major", "D dorian", "E phrygian", "F lydian", "G mixolydian", "A minor", "B locrian"):
        assert out_of_key_share(white, key) == pytest.approx(0)
    assert out_of_key_share(white, "G major") == pytest.approx(1 / 7)
    assert out_of_key_share(white, "F# major") == pytest.approx(5 / 7)
