"""The reference in the mix: found where it lies, at head and tail, under other music."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE = 44_100
SECONDS = 24


def music(seed, beat):
    """Noise in bursts of many colours over a bass: broadband and rhythmic, as music is."""
    rng = np.random.default_rng(seed)
    samples = np.zeros(SECONDS * RATE)
    for at in np.arange(0.2, SECONDS - 1, beat):
        length = int(rng.integers(2_000, 20_000))
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / rng.uniform(300, 6_000))
        burst = np.convolve(burst, np.ones(w := int(rng.integers(1, 12))) / w, "same")
        samples[round(at * RATE) :][:length] += burst
        tone = np.sin(2 * np.pi * rng.uniform(60, 400) * np.arange(length) / RATE)
        samples[round(at * RATE) :][:length] += tone * np.hanning(length)
    return 0.1 * np.repeat(samples[:, None], 2, axis=1)


REFERENCE, OTHERS = music(1, 0.5), music(2, 0.375)


def late(seconds, samples=REFERENCE):
    frames = round(seconds * RATE)
    return np.pad(samples, ((max(0, frames), max(0, -frames)), (0, 0)))[max(0, -frames) :][: len(samples)]


@pytest.fixture
def judged(tmp_path):
    """Checks, by name, of a mix that should contain a reference."""

    def judge(mix, reference=REFERENCE, spans=None, gain_db=0.0, kind="mix", found=None, **limits):
        paths = [str(tmp_path / name) for name in ("mix.wav", "reference.wav")]
        for path, samples in zip(paths, (mix, reference), strict=True):
            sf.write(path, samples, RATE, "FLOAT")
        reference = {"spans": spans or [[0, len(mix)]], "gain_db": gain_db}
        inputs = {"reference": paths[1:]}
        if found is not None:  # the gain of its fader is found
            level = tmp_path / "level.json"
            level.write_text(json.dumps({"stem": "drums", "gain_db": found}))
            reference["level"], inputs["player_level"] = "drums", [str(level)]
        subject = Subject(paths[0], kind, {}, {"reference": reference}, inputs)
        return {c.id: c for c in verify(subject, make({"reference_in_mix": limits})).checks}

    return judge


def result(checks):
    return [check.status for check in checks.values()]


@pytest.mark.parametrize("kind", ["mix", "master"])
@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (9.5, "pass"), (-9.5, "pass"), (10.5, "fail"), (-10.5, "fail"), (700, "fail")]
)
def test_lag(judged, ms, status, kind):
    checks = judged(0.7 * late(ms / 1000) + OTHERS, kind=kind)
    assert list(checks) == ["reference_in_mix.lag", "reference_in_mix.drift"]
    assert result(checks) == [status, "pass"]
    assert checks["reference_in_mix.lag"].measured == pytest.approx(ms, abs=0.11)
    words = {"pass": "", "fail": f"it is {abs(checks['reference_in_mix.lag'].measured):.1f} ms"}[status]
    assert checks["reference_in_mix.lag"].reason == words + (words and (" late" if ms > 0 else " early"))


@pytest.mark.parametrize("ms, status", [(9.5, "pass"), (10.5, "fail"), (80, "fail")])
def test_drift(judged, ms, status):
    """Its second half is later than its first."""
    half = len(REFERENCE) // 2
    mix = np.concatenate((REFERENCE[:half], late(ms / 1000)[half:])) + OTHERS
    check = judged(mix, lag_ms=500.0)["reference_in_mix.drift"]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.11)


@pytest.mark.parametrize("db", [0, -10, -16])
def test_under_other_music(judged, db):
    assert result(judged(10 ** (db / 20) * late(0.02) + OTHERS)) == ["fail", "pass"]
    assert result(judged(10 ** (db / 20) * REFERENCE + OTHERS)) == ["pass", "pass"]


@pytest.mark.parametrize("late_ms, status", [(0, "pass"), (20, "fail")])
def test_where_it_is_quiet_is_an_introduction(judged, late_ms, status):
    """Its head begins where it plays: under the rest its first 8 seconds, 40 dB down, cannot be found."""
    fade = np.where(np.arange(len(REFERENCE)) < 8 * RATE, 0.01, 1.0)[:, None]
    mix = late(late_ms / 1000, REFERENCE * fade) + OTHERS
    assert result(judged(mix, REFERENCE * fade)) == [status, "pass"]


def test_inverted_squashed_and_filtered_it_is_still_found(judged):
    mix = np.tanh(3 * (OTHERS - REFERENCE))
    mix[1:] -= 0.9 * mix[:-1]
    assert result(judged(mix)) == ["pass", "pass"]


@pytest.mark.parametrize(
    "mix", [OTHERS, late(3.0), 0 * OTHERS], ids=["missing", "three seconds late", "silent"]
)
def test_what_is_not_found_is_refused(judged, mix):
    assert "fail" in result(judged(mix))


def test_what_is_not_found_under_a_low_fader_is_skipped(judged):
    (check,) = judged(0.01 * REFERENCE + OTHERS, gain_db=-40.0).values()
    assert check.status == "skip" and "too quiet in the mix to be found: -4" in check.reason


def test_a_level_that_is_found_counts_as_a_fader_does(judged):
    (check,) = judged(0.01 * REFERENCE + OTHERS, found=-40.0).values()
    assert check.status == "skip" and check.reason.startswith("too quiet in the mix to be found: -4")


def test_no_alarm_and_no_comfort_in_unrelated_music(judged):
    for seed in range(10):
        (check,) = judged(music(100 + seed, 0.5)).values()
        assert (check.status, check.measured) == ("fail", "not found")


def test_silence_around_the_reference_is_passed_over(judged):
    reference = REFERENCE.copy()
    reference[: 10 * RATE] = reference[20 * RATE :] = 0
    checks = judged(np.roll(reference, 900, axis=0) + OTHERS, reference)
    assert checks["reference_in_mix.lag"].measured == pytest.approx(900 / RATE * 1000, abs=0.11)


def test_only_where_it_sounds(judged):
    """A stem that plays it in some sections only, and a song that ends after it or before."""
    mix, spans = OTHERS.copy(), [[6 * RATE, 12 * RATE], [18 * RATE, 30 * RATE]]
    for start, end in spans:
        mix[start:end] += REFERENCE[start:end]
    assert result(judged(mix, spans=spans)) == ["pass", "pass"]
    assert result(judged(mix, REFERENCE[: 11 * RATE], spans=[[0, 24 * RATE]]))[0] == "fail"  # not in its head
    assert result(judged(mix, REFERENCE[: 11 * RATE], spans=[[6 * RATE, 24 * RATE]])) == ["pass", "pass"]


@pytest.mark.parametrize(
    "reference, why",
    [
        (REFERENCE[: RATE // 2], "the reference plays for under 1 s"),
        (0 * REFERENCE, "the reference is silent"),
    ],
)
def test_what_cannot_be_measured_is_skipped_with_a_reason(judged, reference, why):
    (check,) = judged(OTHERS, reference).values()
    assert (check.status, check.reason) == ("skip", why)


def test_too_short_for_a_drift(judged):
    short = REFERENCE[:RATE]
    checks = judged(short, short)
    assert result(checks) == ["pass", "skip"] and "too short" in checks["reference_in_mix.drift"].reason


@pytest.mark.parametrize("where", [5, -5])
def test_not_finite(judged, where):
    mix = REFERENCE.copy()
    mix[where] = np.nan
    (check,) = judged(mix).values()
    assert check.status == "fail" and "not finite" in check.reason


def test_a_song_without_one(tmp_path):
    sf.write(tmp_path / "a.wav", OTHERS, RATE)
    (check,) = verify(Subject(str(tmp_path / "a.wav"), "mix"), make({"reference_in_mix": {}})).checks
    assert check.status == "skip" and "no stem of the song plays its reference" in check.reason
