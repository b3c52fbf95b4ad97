"""The gate of edges: silence at head and tail, and sound that is cut there."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify
from stemwright.instruments.dsp.drum_kit import PIECES, hit
from stemwright.measure.edges import Edges

RATE, FRAMES = 48_000, 48_000


def song(head_s=0.2, tail_s=0.5, level=0.5):
    """A second of noise that rises and falls within 20 ms, between silences, on the right only."""
    sound = np.random.default_rng(4).uniform(-level, level, FRAMES)
    ramp = np.minimum(1, np.arange(1, FRAMES + 1) / 960)
    sound = sound * ramp * ramp[::-1]
    sound[0] = sound[-1] = 0.002  # over the floor of -60 dBFS
    return alone(np.concatenate((np.zeros(round(head_s * RATE)), sound, np.zeros(round(tail_s * RATE)))))


def alone(sound):
    return np.stack([np.zeros_like(sound), sound], axis=1)


@pytest.fixture
def judged(tmp_path):
    def judge(samples, kind="master", **limits):
        sf.write(tmp_path / "a.wav", samples, RATE, "FLOAT")
        verdict = verify(Subject(str(tmp_path / "a.wav"), kind), make({"edges": limits}))
        return {check.id: check for check in verdict.checks}

    return judge


@pytest.mark.parametrize("kind", ["mix", "master"])
@pytest.mark.parametrize("head, status", [(0, "pass"), (0.49, "pass"), (0.51, "warn"), (4, "warn")])
def test_head(judged, kind, head, status):
    check = judged(song(head), kind)["edges.head"]
    assert (check.status, check.measured) == (status, head) and "edges.max_head_s" in check.remedy


@pytest.mark.parametrize("tail, status", [(0, "pass"), (9.9, "pass"), (10.1, "warn"), (15, "warn")])
def test_tail(judged, tail, status):
    check = judged(song(tail_s=tail))["edges.tail"]
    assert (check.status, check.measured) == (status, tail)


def test_silence_is_what_lies_under_the_floor(judged):
    noise = np.random.default_rng(1).uniform(-1, 1, (2 * RATE, 2))
    for level, status in [(0.0009, "warn"), (0.0011, "pass")]:
        samples = np.concatenate((level * noise, song(0)))
        assert judged(samples)["edges.head"].status == status
    assert judged(samples, floor_dbfs=-40)["edges.head"].status == "warn"


def test_limits_and_severity(judged):
    assert judged(song(2), max_head_s=2.1)["edges.head"].status == "pass"
    assert judged(song(2), severity="error")["edges.head"].status == "fail"
    assert judged(song(tail_s=1), max_tail_s=0.9)["edges.tail"].status == "warn"


# --- cut --------------------------------------------------------------------------------------


def tone(phase, level_db=-12.0, hertz=220.0):
    sound = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz * np.arange(FRAMES) / RATE + phase)
    sound[FRAMES // 2] = 0.5  # so that there is sound in it at any level
    return sound


@pytest.mark.parametrize("first_db, status", [(None, "pass"), (-21, "pass"), (-19, "warn"), (-0.1, "warn")])
def test_the_first_sample_beside_the_first_10_ms(judged, first_db, status):
    phase = math.asin(10 ** (first_db / 20)) if first_db else 0
    check = judged(alone(tone(phase)))["edges.begins"]
    assert check.status == status and ("cut" in check.reason) == (status == "warn")


@pytest.mark.parametrize("first_db, status", [(-70, "pass"), (-60.5, "pass"), (-59.5, "warn"), (-50, "warn")])
def test_a_first_sample_under_the_floor_is_none(judged, first_db, status):
    assert judged(alone(tone(math.pi / 2, first_db)))["edges.begins"].status == status


@pytest.mark.parametrize("phase", np.linspace(0, 2 * np.pi, 9))
@pytest.mark.parametrize("fade_ms, status", [(0, "warn"), (2, "warn"), (5, "pass"), (50, "pass")])
def test_an_end_without_a_fade(judged, phase, fade_ms, status):
    """A linear fade of 5 ms brings the last ms down to a fifth, 14 dB; one of 2 ms to a half, 6 dB."""
    fade = np.minimum(1, np.arange(FRAMES)[::-1] / max(1, fade_ms * RATE / 1000))
    assert judged(alone(tone(phase, hertz=997) * fade))["edges.ends"].status == status


@pytest.mark.parametrize("level_db, status", [(-70, "pass"), (-60.5, "pass"), (-59.5, "warn"), (-20, "warn")])
def test_a_tail_that_has_died_away_is_no_cut(judged, level_db, status):
    assert judged(alone(tone(0.3, level_db, 997)))["edges.ends"].status == status


@pytest.mark.parametrize("piece", PIECES)
def test_a_hit_on_the_first_frame_is_an_attack(judged, piece):
    sound = np.pad(hit(piece, RATE, 1.0), (0, FRAMES))
    checks = judged(alone(sound))
    assert (checks["edges.begins"].status, checks["edges.head"].status) == ("pass", "pass")


def test_the_same_hit_cut_10_ms_in(judged):
    """Of noise and tones alike, the first frame is seldom near a zero crossing: four places of each hit."""
    found = [
        judged(alone(hit(piece, RATE, 1.0)[cut:]))["edges.begins"].status
        for piece in PIECES
        for cut in (480, 487, 494, 501)
    ]
    assert found.count("warn") >= 0.75 * len(found)


# --- the unmeasurable -------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_not_finite(judged, bad):
    samples = song()
    samples[20_000, 1] = bad
    (check,) = judged(samples).values()
    assert (check.id, check.status) == ("edges", "warn") and "not finite" in check.reason


def test_silence_has_no_edges(judged):
    (check,) = judged(alone(np.full(FRAMES, 0.0009))).values()
    assert (check.status, check.reason) == ("skip", "no sample is above -60 dBFS")


def test_block_sizes_do_not_matter():
    samples = np.concatenate((np.zeros((100, 2)), song(0.1, 0.3), np.zeros((5, 2))))
    results = []
    for size in (1, 7, 479, 480, 481, 65_536, len(samples)):
        if size == 1:
            samples_, step = samples[:6_000], 1
        else:
            samples_, step = samples, size
        meter = Edges(0.001)
        meter.start(RATE, 2)
        for at in range(0, len(samples_), step):
            meter.feed(samples_[at : at + step])
        results.append((meter.head, meter.first, meter.near_head, meter.tail, meter.last, meter.near_tail))
    assert results[0][:3] == results[1][:3]
    assert len(set(results[1:])) == 1
    assert results[1][0] == pytest.approx(0.1 + 100 / RATE)
    assert results[1][3] == pytest.approx(0.3 + 5 / RATE)


def test_the_stems_that_are_cut_are_named(tmp_path):
    """Of a tone that goes on at half scale, one at a hundredth, one that has faded, and one that is silent there."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(FRAMES) / RATE)
    faded = tone * np.linspace(1, 0, FRAMES)
    sounds = {"bass": 0.01 * tone, "lead": tone, "pad": faded, "voice": tone * (np.arange(FRAMES) < 24_000)}
    for name, sound in {**sounds, "mix": sum(sounds.values())}.items():
        sf.write(tmp_path / f"{name}.wav", alone(sound), RATE, "FLOAT")
    paths = {"sounds": [str(tmp_path / f"{name}.wav") for name in sounds]}
    subject = Subject(str(tmp_path / "mix.wav"), "mix", {}, {"sounds": list(sounds)}, paths)
    checks = {check.id: check for check in verify(subject, make({"edges": {}})).checks}
    assert checks["edges.ends"].reason == "the sound is cut there: lead (-6.0 dBFS), bass (-46.0 dBFS)"
    assert checks["edges.begins"].reason == ""
