"""The gate of the grid: stems that write their onsets, and recordings, on the beats of their timeline."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from click_tracks import FLOOR, RATE, ROCK, TEMPI, beats, clicked, drummed, judge, statuses, timeline

from stemwright.gates import Subject, make
from stemwright.measure.onsets import Onsets
from stemwright.music.timeline import TempoChange, TempoMap, Timeline, TimeSignature, parse_duration


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


# --- grid: stems that write their onsets ----------------------------------------------------------


@pytest.mark.parametrize("bpm", TEMPI)
@pytest.mark.parametrize(
    "keys",
    [{}, {"swing": 0.66}, {"swing": 0.58, "timing_ms": 15.0}, {"step": "1/8t"}],
    ids=["straight", "swing", "human", "triplets"],
)
def test_drums_as_written_are_on_the_grid(judged, bpm, keys):
    checks = judged("grid", *drummed(timeline(bpm), **keys))
    assert checks["grid.f_measure"].status == checks["grid.offset"].status == "pass"
    assert checks["grid.f_measure"].measured > 0.9 and abs(checks["grid.offset"].measured) < 1
    assert checks["grid.drift"].status in ("pass", "skip")


@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (9, "pass"), (11, "fail"), (-9, "pass"), (-11, "fail"), (30, "fail")]
)
def test_a_late_or_early_stem(judged, ms, status):
    samples, facts = drummed(timeline(112), swing=0.54, timing_ms=4.0)
    check = judged("grid", np.roll(samples, round(ms / 1000 * RATE), axis=0), facts)["grid.offset"]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.8)


@pytest.mark.parametrize(
    "ms, status", [(0, "pass"), (4.5, "pass"), (5.5, "fail"), (-5.5, "fail"), (60, "fail")]
)
def test_a_stem_that_drifts(judged, ms, status):
    grid = timeline(120, bars=30)
    _, facts = drummed(grid, patterns={"*": FLOOR})
    times = beats(120, 120) * (1 + ms / 60_000)
    check = judged("grid", clicked(times, 60), facts)["grid.drift"]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.4)


@pytest.mark.parametrize("every, status", [(0, "pass"), (4, "pass"), (2, "fail"), (1, "fail")])
def test_a_stem_that_misses_hits(judged, every, status):
    """F = 2 (1 - p) / (2 - p) for a share p of missing hits: 0.86 for a quarter, 0.67 for a half."""
    grid = timeline(120)
    _, facts = drummed(grid, patterns={"*": FLOOR})
    times = [t for i, t in enumerate(beats(120, 32)) if not every or i % every]
    check = judged("grid", clicked(times, 16), facts)["grid.f_measure"]
    assert check.status == status
    missed = [(i * RATE // 2, 1) for i in range(32) if every and not i % every]
    assert np.abs(np.subtract(check.places, missed)).max(initial=0) <= 1


@pytest.mark.parametrize("least, status", [(0.85, "pass"), (0.87, "fail")])
def test_just_inside_and_just_outside_the_limit_of_f(judged, least, status):
    _, facts = drummed(timeline(120), patterns={"*": FLOOR})
    times = [t for i, t in enumerate(beats(120, 32)) if i % 4]  # F = 48/56
    check = judged("grid", clicked(times, 16), facts, f_measure=least)["grid.f_measure"]
    assert check.status == status and check.measured == pytest.approx(48 / 56, abs=1e-3)


@pytest.mark.parametrize("bpm", [90, 120, 174])
def test_a_stem_at_another_tempo(judged, bpm):
    samples, _ = drummed(timeline(bpm * 1.03), patterns={"*": ROCK})
    _, facts = drummed(timeline(bpm))
    assert "fail" in statuses(judged("grid", samples, facts))


def test_a_stem_follows_changes_of_tempo(judged):
    grid = timeline(100, bars=12, changes=[(5, 140), (9, "250/3")])
    assert statuses(judged("grid", *drummed(grid))) == ["pass"] * 3


def test_only_the_sections_in_which_a_stem_sounds(judged):
    grid = Timeline.build(
        RATE, TempoMap([TempoChange(1, Fraction(120), TimeSignature(4, 4))]), None,
        [(name, parse_duration("4 bars"), None) for name in "abab"],
    )  # fmt: skip
    samples, facts = drummed(grid)
    for a, b in grid.spans(["a"]):
        samples[a:b] = 0
    assert judged("grid", samples, facts)["grid.f_measure"].status == "fail"
    assert judged("grid", samples, {**facts, "sections": ["b"]})["grid.f_measure"].measured == 1


# --- grid: recordings -----------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", TEMPI)
@pytest.mark.parametrize("step", [0.25, 1 / 3, 0.5])
def test_a_recording_on_the_grid(judged, bpm, step):
    rng = np.random.default_rng(0)
    count = round(32 / step)
    times = np.sort(np.abs(beats(bpm, count, step) + rng.normal(0, 0.003, count)))
    checks = judged("grid", clicked(times, 32 * 60 / bpm), {"timeline": timeline(bpm).to_dict()}, "reference")
    assert checks["grid.on_grid"].status == checks["grid.offset"].status == "pass"
    assert checks["grid.on_grid"].measured > 0.95 and abs(checks["grid.offset"].measured) < 2


@pytest.mark.parametrize("wrong", [0.97, 1.015, 1.1])
@pytest.mark.parametrize("bpm", [75, 120, 174])
def test_a_recording_at_another_tempo(judged, bpm, wrong):
    facts = {"timeline": timeline(bpm, bars=16).to_dict()}
    times = beats(bpm * wrong, 120, 0.5)
    checks = judged("grid", clicked(times, times[-1] + 1), facts, "reference")
    check = checks["grid.on_grid"]
    assert check.status == "fail" and check.measured < 0.65
    off = np.array([frame / RATE for frame, _ in check.places])
    assert len(off) >= 0.3 * len(times) and np.abs(off[:, None] - times).min(axis=1).max() < 0.01


@pytest.mark.parametrize("ms, status", [(9, "pass"), (11, "fail"), (-11, "fail"), (28, "fail")])
def test_a_recording_that_begins_late(judged, ms, status):
    times = beats(112, 64, 0.5) + 1 + ms / 1000
    grid = timeline(60, bars=8).to_dict() | {"tempo": [[1, "112", "4/4"]]}
    check = judged("grid", clicked(times - 1 + 4 * 60 / 112, 40), {"timeline": grid}, "reference")[
        "grid.offset"
    ]
    assert check.status == status and check.measured == pytest.approx(ms, abs=0.8)


def test_swing_is_no_fault_of_a_recording(judged):
    samples, facts = drummed(timeline(112), swing=0.6)
    checks = judged("grid", samples, {"timeline": facts["timeline"]}, "reference")
    assert statuses(checks) == ["pass"] * 3


def test_a_recording_with_changes_of_tempo(judged):
    grid = timeline(100, bars=12, changes=[(5, 140)])
    samples, facts = drummed(grid)
    assert statuses(judged("grid", samples, {"timeline": facts["timeline"]}, "reference")) == ["pass"] * 3
    steady = {"timeline": timeline(100, bars=12).to_dict()}
    assert "fail" in statuses(judged("grid", samples, steady, "reference"))


# --- what cannot be measured ------------------------------------------------------------------------


def test_a_silent_drum_stem_fails(judged):
    samples, facts = drummed(timeline(120))
    assert judged("grid", 0 * samples, facts)["grid.f_measure"].status == "fail"


def test_a_stem_that_writes_next_to_nothing_is_skipped(judged):
    check = judged("grid", *drummed(timeline(120, bars=1), patterns={"*": FLOOR}))["grid"]
    assert (check.status, check.measured, check.reason) == ("skip", 4, "its source has fewer than 8")


# --- what is on the grid, and what is on it but late --------------------------------------------------

PLACES = {  # of onsets in the beat
    "16th swing 62 %": [0, 0.31, 0.5, 0.81],
    "16th swing 66.7 %": [0, 1 / 3, 0.5, 5 / 6],
    "32nds": [n / 8 for n in range(8)],
    "quintuplets": [n / 5 for n in range(5)],
    "septuplets": [n / 7 for n in range(7)],
}


@pytest.mark.parametrize("name", PLACES)
def test_swing_rolls_and_tuplets_are_on_the_grid(judged, name):
    times = np.sort(np.add.outer(np.arange(48), PLACES[name]).ravel()) * 60 / 96
    checks = judged("grid", clicked(times, 31), {"timeline": timeline(96, bars=12).to_dict()}, "reference")
    assert checks["grid.on_grid"].measured == 1
    assert not {"fail", "warn"} & set(statuses(checks))


def test_a_roll_and_a_quintuplet_among_sixteenths(judged):
    beat = [[n / d for n in range(d)] for d in (2, 4, 8, 5)]
    times = np.concatenate([(i + np.array(beat[i % 4])) * 60 / 96 for i in range(48)])
    checks = judged("grid", clicked(times, 31), {"timeline": timeline(96, bars=12).to_dict()}, "reference")
    assert checks["grid.on_grid"].measured == 1 and not {"fail", "warn"} & set(statuses(checks))


@pytest.mark.parametrize("late, name", [(0.25, "a sixteenth"), (0.5, "an eighth"), (1.0, "a beat")])
def test_a_recording_that_is_on_the_grid_but_whole_steps_late(judged, late, name):
    samples, facts = drummed(timeline(112), patterns={"*": ROCK})
    frames = round(late * 60 / 112 * RATE)
    samples = np.concatenate((np.zeros((frames, 1)), samples[:-frames]))
    check = judged("grid", samples, {"timeline": facts["timeline"]}, "reference")["grid.offset"]
    assert check.status == "warn" and f"up to {name} late" in check.reason
    assert check.measured == pytest.approx(late * 60_000 / 112, abs=1)


HATS_OFF = {"kick": "x---------------", "snare": "--------x-------", "hat": "--x---x---x---x-"}
SHUFFLE = {"kick": "x-----x-----", "snare": "---x-----x--", "hat": "x-xx-xx-xx-x"}
IN_TIME = {
    "hats off the beat": {"patterns": {"*": HATS_OFF}},
    "shuffle": {"patterns": {"*": SHUFFLE}, "step": "1/8t"},
    "one drop": {"patterns": {"*": {"kick": "--------x-------", "rim": "--------x-------", "hat": "--x---x---x---x-"}}},
    "no first kick": {"patterns": {"*": {**ROCK, "kick": "--------x---x---"}}},
}  # fmt: skip


def late(drums, beats_late):
    samples, facts = drums
    frames = round(beats_late * 60 / 112 * RATE)
    return np.concatenate((np.zeros((frames, 1)), samples[: len(samples) - frames])), facts["timeline"]


@pytest.mark.parametrize(
    "name, beats_late, said", [("hats off the beat", 1, "a beat"), ("shuffle", 0.5, "an eighth")]
)
def test_a_recording_that_enters_late_on_its_bar_line_or_off_its_triplets(judged, name, beats_late, said):
    samples, grid = late(drummed(timeline(112), **IN_TIME[name]), beats_late)
    check = judged("grid", samples, {"timeline": grid}, "reference")["grid.offset"]
    assert check.status == "warn" and f"up to {said} late" in check.reason


@pytest.mark.parametrize("name", IN_TIME)
def test_syncopation_in_time_is_not_warned_about(judged, name):
    samples, grid = late(drummed(timeline(112), **IN_TIME[name]), 0)
    assert not {"fail", "warn"} & set(statuses(judged("grid", samples, {"timeline": grid}, "reference")))


CLAVES = {
    "son": "x--x--x---x-x---",
    "rumba": "x--x---x--x-x---",
    "bossa": "x--x--x---x--x--",
    "son in two bars": "x-----x-----x-------x---x-------",
    "son, the other half first": "--x-x---x--x--x-",
    "bossa, the other half first": "--x--x--x--x--x-",
}


def played(judged, row, late=0.0, bars=24, bpm=112):
    """The check of the offset of a recording that repeats a row of sixteenths, so many beats late."""
    at = [step / 4 for step in range(16 * bars) if row[step % len(row)] == "x"]
    times = (np.array(at) + late) * 60 / bpm
    song = {"timeline": timeline(bpm, bars=bars + 1).to_dict()}
    return judged("grid", clicked(times, times[-1] + 1), song, "reference")["grid.offset"]


@pytest.mark.parametrize("late, said", [(0.25, "a sixteenth"), (0.5, "an eighth"), (1, "a beat")])
@pytest.mark.parametrize("name", [name for name in CLAVES if "other" not in name])
def test_a_clave_that_is_late(judged, name, late, said):
    check = played(judged, CLAVES[name], late)
    assert check.status == "warn" and f"up to {said} late" in check.reason


@pytest.mark.parametrize("name", CLAVES)
def test_a_clave_in_time(judged, name):
    assert played(judged, CLAVES[name]).status == "pass"


@pytest.mark.parametrize("steps, said", [(1, "a sixteenth"), (2, "an eighth"), (4, "a beat")])
def test_a_rest_at_the_start_that_no_repetition_has(judged, steps, said):
    """As when a file was shifted: bar 1 lacks what all bars after it have, though no bar is quite like another."""
    rng = np.random.default_rng(steps)
    bars = "".join("xxx-xxx-xxxxx-" + rng.choice(["xx", "x-", "-x"]) for _ in range(24))
    assert played(judged, bars).status == "pass"
    check = played(judged, "-" * steps + bars[steps:])
    assert check.status == "warn" and f"up to {said} late" in check.reason


@pytest.mark.parametrize(
    "bar, said", [("-xxxxx-xxxxxxxxx", "a sixteenth"), ("--x-x-x-x-x-x-x-", "an eighth")]
)
def test_bars_that_are_full_but_for_their_bar_lines(judged, bar, said):
    check = played(judged, bar)
    assert check.status == "warn" and f"up to {said} late: its bars are full" in check.reason


def test_what_sounds_alike_when_shifted_is_not_said_to_be_in_place(judged):
    samples, facts = drummed(timeline(112, bars=12), patterns={"*": {"rim": "x--x--x-x-x-----"}})
    samples = np.roll(samples, round(60 / 112 * RATE), axis=0)
    check = judged("grid", samples, {"timeline": facts["timeline"]}, "reference")["grid.offset"]
    assert check.status == "pass" and "would sound alike" in check.reason


def test_onsets_at_random_are_not_on_the_grid(judged):
    times = np.sort(np.random.default_rng(7).uniform(0, 30, 90))
    facts = {"timeline": timeline(112, bars=14).to_dict()}
    assert judged("grid", clicked(times, 31), facts, "reference")["grid.on_grid"].status == "fail"


@pytest.mark.parametrize("rate", [7_919, 8_001, 9_999, 11_111])
@pytest.mark.parametrize("pattern", [ROCK, FLOOR, {"hat": "x-x-x-x-"}, {"snare": "----x---"}])
@pytest.mark.parametrize("bars", [4, 10])
def test_plain_drums_at_odd_rates_are_on_the_grid(rate, pattern, bars):
    samples, facts = drummed(timeline(120, bars=bars, rate=rate), patterns={"*": pattern})
    checks = judge_at(rate, samples, facts)
    assert not {"fail", "warn"} & set(statuses(checks))


def judge_at(rate, samples, facts):
    meter = Onsets()
    meter.start(rate, 1)
    meter.feed(samples)
    (gate,) = make({"grid": {}})
    return {c.id: c for c in gate.judge(Subject("", "stem", {}, {"grid": facts}), [meter])}


def test_early_is_said_to_be_early(judged):
    samples, facts = drummed(timeline(112))
    check = judged("grid", np.roll(samples, -round(0.011 * RATE), axis=0), facts)["grid.offset"]
    assert check.status == "fail" and "early" in check.reason and "late" not in check.reason + check.unit
