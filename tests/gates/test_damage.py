"""Drop-outs and clicks: found where they were put, and not in clean material made at random."""

from __future__ import annotations

import random

import numpy as np
import pytest
import soundfile as sf

from stemwright.audio.fades import ramp
from stemwright.gates import Subject, make, verify
from stemwright.instruments.dsp import drum_kit
from stemwright.measure.clicks import Clicks
from stemwright.measure.dropouts import Dropouts
from stemwright.music.render_context import RenderContext
from stemwright.sources.tone import Tone

RATE = 48_000
SECONDS = np.arange(4 * RATE) / RATE


def tone(level_db=-12.0, hertz=220.0):
    """Four seconds of a stereo sine, its RMS as given."""
    return np.repeat(
        10 ** (level_db / 20) * np.sqrt(2) * np.sin(2 * np.pi * hertz * SECONDS)[:, None], 2, axis=1
    )


@pytest.fixture
def judged(tmp_path):
    """Checks, by name, of samples by one gate."""

    def judge(gate, samples, kind="processed", boundaries=(10**9,), **limits):
        path = tmp_path / "a.wav"
        sf.write(path, samples, RATE, "FLOAT")
        subject = Subject(str(path), kind, {}, {"boundaries": boundaries})
        return {check.id: check for check in verify(subject, make({gate: limits})).checks}

    return judge


def fed(meter, samples, block):
    meter.start(RATE, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.feed(samples[start : start + block])
    return meter.found


# --- drop-out -----------------------------------------------------------------------------------


def holed(samples, ms, at=100_000, channels=slice(None)):
    samples = samples.copy()
    samples[at : at + round(ms / 1000 * RATE), channels] = 0
    return samples


@pytest.mark.parametrize("kind", ["processed", "mix", "master"])
@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (0.95, "pass"), (1.1, "fail"), (10, "fail"), (1500, "fail")]
)
def test_dropout_by_length(judged, ms, status, kind):
    check = judged("dropout", holed(tone(), ms), kind)["dropout"]
    assert (check.status, check.measured) == (status, int(status == "fail"))
    assert status == "pass" or f"2.083 s ({ms:.1f} ms)" in check.remedy


@pytest.mark.parametrize("db, status", [(-31, "pass"), (-29, "fail")])
@pytest.mark.parametrize("side", ["before", "after", "both"])
def test_dropout_by_level(judged, db, status, side):
    samples = tone(-12)
    quiet = tone(db)
    if side != "after":
        samples[:100_000] = quiet[:100_000]
    if side != "before":
        samples[100_000:] = quiet[100_000:]
    assert judged("dropout", holed(samples, 5))["dropout"].status == status


def test_one_channel_alone_is_no_dropout(judged):
    assert judged("dropout", holed(tone(), 10, channels=0))["dropout"].status == "pass"


@pytest.mark.parametrize("fade_ms, status", [(5, "pass"), (10, "pass"), (0, "fail")])
def test_a_rest_is_faded_into(judged, fade_ms, status):
    samples = holed(tone(), 500)
    n = np.arange(len(samples))
    samples *= np.where(n < 100_000, ramp(99_999 - n, round(fade_ms / 1000 * RATE)), 1)[:, None]
    assert judged("dropout", samples)["dropout"].status == status


@pytest.mark.parametrize("hertz", [40.0, 220.0, 1_000.0, 5_000.0])
def test_a_hole_at_a_zero_crossing_is_one_too(judged, hertz):
    at = round(2 * RATE)  # every one of these begins a cycle there
    assert judged("dropout", holed(tone(hertz=hertz), 3, at=at))["dropout"].status == "fail"


def test_silence_at_the_ends_is_no_dropout(judged):
    samples = tone()
    samples[:RATE] = samples[-RATE:] = 0
    assert judged("dropout", samples)["dropout"].status == "pass"
    assert judged("dropout", 0 * samples)["dropout"].status == "pass"


@pytest.mark.parametrize("block", [48, 1_000, 1 << 16, 1 << 20])
def test_dropouts_do_not_hang_on_the_block_size(block):
    samples = tone()
    for at, ms in ((65_536 - 20, 5), (65_536 * 2, 2), (150_000, 1), (170_000, 200)):
        samples = holed(samples, ms, at)
    expected = [(65_516, 240), (131_072, 96), (150_000, 48), (170_000, 9_600)]
    assert fed(Dropouts(1, 40, -30), samples, block) == expected


def test_what_is_not_finite_does_not_hide_a_hole(judged):
    samples = holed(tone(), 5)
    samples[99_000] = np.nan
    assert judged("dropout", samples)["dropout"].status == "fail"


def test_warned_about_only_if_so_wanted(judged):
    assert judged("dropout", holed(tone(), 5), severity="warn")["dropout"].status == "warn"


# --- click --------------------------------------------------------------------------------------


def stepped(samples, height, at=96_000):
    samples = samples.copy()
    samples[at:] += height
    return samples


def spliced(samples, at=96_000, leave=1_277):
    return np.concatenate((samples[:at], samples[at + leave :]))


def spiked(samples, height=0.2, at=96_000, channel=0):
    samples = samples.copy()
    samples[at, channel] += height
    return samples


def found(checks):
    return [check.measured for check in checks.values()]


@pytest.mark.parametrize("damage", [stepped, spliced, spiked])
@pytest.mark.parametrize(
    "away_ms, where", [(0, "boundary"), (4.8, "boundary"), (5.2, "elsewhere"), (900, "elsewhere")]
)
def test_a_click_refuses_at_a_boundary_and_is_told_elsewhere(judged, damage, away_ms, where):
    seams = [10, 96_000 + round(away_ms / 1000 * RATE), 180_000]
    samples = damage(tone(), 0.1) if damage is stepped else damage(tone())
    for kind in ("processed", "mix"):
        checks = judged("click", samples, kind, seams)
        assert checks["click.boundary"].status == ("fail" if where == "boundary" else "pass")
        assert checks["click.elsewhere"].status == ("pass" if where == "boundary" else "warn")
        assert "at 2.000 s" in checks[f"click.{where}"].remedy
    assert set(found(judged("click", tone(), "mix", seams))) == {0}


@pytest.mark.parametrize("over, count", [(-3, 1), (3, 0)])
def test_just_inside_and_just_outside_the_limit_of_a_click(judged, over, count):
    noise = 0.003 * np.random.default_rng(0).standard_normal((4 * RATE, 2))
    samples = spiked(tone() + noise, 0.15)
    ((_, height),) = fed(Clicks(20), samples, 1 << 16)
    assert height == pytest.approx(20 * np.log10(0.15 / 0.003), abs=3)  # white noise: its own residual
    assert sum(found(judged("click", samples, over_db=round(height) + over))) == count


@pytest.mark.parametrize("height, count", [(0.0005, 0), (0.005, 0), (0.01, 1), (0.5, 1)])
def test_what_is_far_below_the_sound_is_no_click(judged, height, count):
    assert sum(found(judged("click", stepped(tone(), height)))) == count


@pytest.mark.parametrize("before_db, count", [(-100, 0), (-20, 0), (-14, 1)])
def test_a_hard_start_is_an_attack_if_it_is_louder_by_far(judged, before_db, count):
    samples = tone(-12, hertz=315.1)
    samples[:96_010] = tone(before_db)[:96_010]
    assert sum(found(judged("click", samples))) == count


def test_a_hard_stop_is_a_click_and_a_faded_one_none(judged):
    samples = tone(hertz=311.0)
    samples[96_020:] = 0
    assert sum(found(judged("click", samples))) == 1
    samples *= ramp(96_019 - np.arange(len(samples)), 240)[:, None]
    assert sum(found(judged("click", samples))) == 0


@pytest.mark.parametrize("block", [999, 10_000, 1 << 16, 1 << 20])
def test_clicks_do_not_hang_on_the_block_size(block):
    samples = spiked(spiked(stepped(tone(), 0.2), at=65_535), at=131_072, channel=1)
    assert [round(s * RATE) for s, _ in fed(Clicks(30), samples, block)] == pytest.approx(
        [65_535, 96_000, 131_072], abs=2
    )


def test_clicks_of_what_is_not_finite_cannot_be_told(judged):
    samples = tone()
    samples[50_000, 1] = np.inf
    (check,) = judged("click", samples).values()
    assert check.status == "fail" and "not finite" in check.reason


def drums(dice):
    samples = np.zeros((3 * RATE, 1))
    for _ in range(dice.randrange(5, 30)):
        sound = drum_kit.hit(dice.choice(list(drum_kit.PIECES)), RATE, dice.choice([0.4, 0.7, 1.0]))
        at = dice.randrange(0, 2 * RATE)
        sound = sound[: len(samples) - at]
        samples[at : at + len(sound), 0] += sound
    return samples


def plucks(dice):
    """Sines, bells and strings that begin at once, at their zero crossing, and die away."""
    samples = np.zeros((3 * RATE, 1))
    for _ in range(dice.randrange(4, 20)):
        frames = dice.randrange(RATE // 5, RATE)
        at, t = dice.randrange(0, 2 * RATE), np.arange(frames) / RATE
        hertz = 55 * 2 ** (dice.randrange(0, 48) / 12)
        shape = np.exp(-t / dice.uniform(0.05, 0.5)) * ramp(frames - 1 - np.arange(frames), 480)
        partials = range(1, dice.choice([2, 6, 20]))
        sound = sum(np.sin(2 * np.pi * hertz * k * t) / k for k in partials if hertz * k < 20_000)
        samples[at : at + frames, 0] += 0.2 * sound * shape
    return samples


def pad(dice):
    t, samples = np.arange(3 * RATE) / RATE, 0.0
    for _ in range(3):
        hertz, top = 55 * 2 ** (dice.randrange(0, 36) / 12), dice.randrange(2, 30)
        partials = [k for k in range(1, top) if hertz * k < 20_000]
        samples = samples + sum(np.sin(2 * np.pi * hertz * k * t + dice.uniform(0, 6)) / k for k in partials)
    return 0.1 * (samples * (0.6 + 0.4 * np.sin(2 * np.pi * 0.4 * t)))[:, None]


def drone(dice):
    source = Tone(frequency_hz=dice.uniform(30, 3_000), level_db=-6.0)
    return np.concatenate(list(source.render(RenderContext(RATE, 1, 3 * RATE))))


def hiss(dice):
    rng = np.random.default_rng(dice.randrange(1 << 30))
    return 0.05 * rng.standard_normal((3 * RATE, 1))


def clean(seed):
    """One to three of the above together: nothing an engineer would call damaged."""
    dice = random.Random(seed)
    return sum(
        dice.uniform(0.3, 1) * make(dice)
        for make in dice.sample([drums, plucks, pad, drone, hiss], dice.randrange(1, 4))
    )


@pytest.mark.parametrize("seeds", [range(first, first + 20) for first in range(0, 100, 20)], ids=str)
def test_no_false_alarm_in_a_hundred_files_of_clean_material(seeds):
    for seed in seeds:
        samples = clean(seed)
        assert fed(Clicks(30), samples, 1 << 16) == [], seed
        assert fed(Dropouts(1, 40, -30), samples, 1 << 16) == [], seed


@pytest.mark.parametrize("kind", [pad, drone])
def test_hard_splices_of_clean_material_are_found(kind):
    """Of sustained sounds; amid hiss and drums a splice is masked, and may be missed."""
    hits = 0
    for seed in range(20):
        dice = random.Random(1_000 + seed)
        samples = spliced(kind(dice), at=RATE + dice.randrange(RATE), leave=dice.randrange(2_000, 20_000))
        hits += len(fed(Clicks(30), samples, 1 << 16)) == 1
    assert hits >= 14


def test_where_no_sections_meet_there_is_nothing_to_say_of_boundaries(judged):
    check = judged("click", tone(), boundaries=())["click.boundary"]
    assert (check.status, check.reason) == ("skip", "the file has no boundaries between sections")
