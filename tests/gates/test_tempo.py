"""The gate of the tempo: that of the timeline, or a fold of it that is told."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from click_tracks import (
    FLOOR,
    FUNK,
    RATE,
    ROCK,
    TEMPI,
    beats,
    clicked,
    drummed,
    judge,
    ramped,
    statuses,
    timeline,
)
from marks import long_but

from stemwright.music.timeline import TempoChange, TempoMap, Timeline, TimeSignature, parse_duration


@pytest.fixture
def judged(tmp_path):
    return partial(judge, tmp_path / "a.wav")


# --- tempo ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bpm", long_but((60, 112, 174), TEMPI))
@pytest.mark.parametrize("pattern", [ROCK, FUNK, FLOOR])
def test_tempo_of_drums(judged, bpm, pattern):
    samples, facts = drummed(timeline(bpm, bars=12), swing=0.58, timing_ms=5.0, patterns={"*": pattern})
    check = judged("tempo", samples, facts)["tempo"]
    folded = float(check.measured.split()[0])
    assert folded == pytest.approx(bpm, rel=0.003)
    assert (check.status == "pass") == ("raw" not in check.measured)
    if 90 <= bpm <= 120:
        assert check.status == "pass"


@pytest.mark.parametrize(
    "off, status", [(0, "pass"), (0.9, "pass"), (-0.9, "pass"), (1.1, "fail"), (-1.1, "fail"), (7, "fail")]
)
def test_tempo_limit(judged, off, status):
    times = beats(112 * (1 + off / 100), 64)
    check = judged(
        "tempo", clicked(times, times[-1] + 1), {"timeline": timeline(112).to_dict()}, "reference"
    )["tempo"]
    assert check.status == status
    assert float(check.measured.split()[0]) == pytest.approx(112 * (1 + off / 100), rel=0.001)


@pytest.mark.parametrize(
    "written, fold", [(50, "2"), (200, "1/2"), (66.6667, "3/2"), (150, "2/3"), (300, "1/3"), (33.3333, "3")]
)
def test_folded_tempi_warn_and_say_both(judged, written, fold):
    times = beats(100, 64)
    facts = {"timeline": timeline(written).to_dict()}
    check = judged("tempo", clicked(times, 40), facts, "reference")["tempo"]
    folded, raw, said = re.fullmatch(r"(\S+) \(raw (\S+), (\S+) of it\)", check.measured).groups()
    assert (check.status, said) == ("warn", fold)
    assert (float(folded), float(raw)) == pytest.approx((written, 100), rel=0.001)


def test_each_stretch_of_a_tempo_is_measured_by_itself(judged):
    grid = timeline(100, bars=20, changes=[(9, 120), (17, 90)])
    checks = judged("tempo", *drummed(grid))
    assert list(checks) == ["tempo.bar_1", "tempo.bar_9", "tempo.bar_17"]
    assert statuses(checks) == ["pass"] * 3
    wrong = {"timeline": timeline(100, bars=20, changes=[(9, 130)]).to_dict()}
    checks = judged("tempo", drummed(grid)[0], wrong)
    assert statuses(checks) == ["pass", "fail"]
    start, end = (round(seconds * RATE) for seconds in (32 * 60 / 100, 32 * 60 / 100 + 48 * 60 / 130))
    assert checks["tempo.bar_9"].places == [(start, end - start)]


@pytest.mark.parametrize("curve", ["beats", "time"])
def test_a_recording_that_follows_a_ramp(judged, curve):
    """Its mean is told: 64 quarters of 100 to 60 BPM in 8 bars."""
    grid = ramped(ramp=("60", "8 bars", curve))
    times = [frame / grid.rate for _, _, frame in grid.beats()]
    checks = judged(
        "tempo", clicked(times, grid.frames / grid.rate), {"timeline": grid.to_dict()}, "reference"
    )
    assert list(checks) == ["tempo.bar_1", "tempo.bar_5", "tempo.bar_13"]
    assert statuses(checks) == ["pass"] * 3
    mean = 80 if curve == "time" else 40 / np.log(100 / 60)
    assert float(checks["tempo.bar_5"].measured.split()[0]) == pytest.approx(mean, rel=0.002)
    assert (
        judged("grid", clicked(times, times[-1] + 2), {"timeline": grid.to_dict()}, "reference")[
            "grid.on_grid"
        ].measured
        > 0.95
    )


def test_a_recording_that_is_ahead_of_a_ramp_is_warned_about(judged):
    """From bar 5 on, 103 beats are played where 100 are written."""
    grid = ramped()
    beat = [float(grid.tempo.seconds(Fraction(16) + n / Fraction(103, 100))) for n in range(-16, 40)]
    checks = judged("tempo", clicked(beat[1:], beat[-1] + 1), {"timeline": grid.to_dict()}, "reference")
    assert checks["tempo.bar_5"].status == "warn"
    mean = 1.03 * 40 / np.log(100 / 60)
    assert float(checks["tempo.bar_5"].measured.split()[0]) == pytest.approx(mean, rel=0.003)


def test_the_tempo_in_the_note_that_bpm_counts(judged):
    """72 dotted quarters a minute in 6/8, clicked on every eighth."""
    meter = TimeSignature(6, 8, unit=Fraction(3, 2))
    grid = Timeline.build(
        48_000, TempoMap([TempoChange(1, Fraction(108), meter)]), parse_duration("16 bars"), []
    )
    times = beats(72, 16 * 6, 1 / 3)
    levels = np.tile([1.0, 0.2, 0.2, 0.6, 0.2, 0.2], 16)
    samples = clicked(times, times[-1] + 1, levels=levels)
    check = judged("tempo", samples, {"timeline": grid.to_dict()}, "reference")["tempo"]
    assert check.limit.startswith("= 72 ") and check.status == "pass"
    assert float(check.measured.split()[0]) == pytest.approx(72, rel=0.002)
    assert judged("grid", samples, {"timeline": grid.to_dict()}, "reference")["grid.on_grid"].status == "pass"


# --- what cannot be measured ------------------------------------------------------------------------


def test_no_pulse_is_no_tempo(judged):
    rng = np.random.default_rng(5)
    facts = {"timeline": timeline(120, bars=16).to_dict()}
    check = judged("tempo", clicked(np.sort(rng.uniform(0, 30, 90)), 31), facts, "reference")["tempo"]
    assert check.status == "skip" and "no steady pulse" in check.reason


# --- what a pulse at the song's own tempo explains ---------------------------------------------------

SONGS = {
    "son clave": (130, "4/4", {"rim": "x--x--x---x-x---"}),
    "bossa clave": (130, "4/4", {"rim": "x--x--x---x--x--"}),
    "dotted hats": (120, "4/4", {"hat": "x--x--x--x--x---"}),
    "5/8": (140, "5/8", {"kick": "x-----x---", "hat": "x-x-x-x-x-"}),
    "7/16": (140, "7/16", {"kick": "x---x--", "hat": "x-x-x-x"}),
    "33.333": ("33.333", "4/4", ROCK),
    "400": (400, "4/4", ROCK),
}


@pytest.mark.parametrize("name", SONGS)
def test_drums_whose_onsets_are_known_have_the_tempo_they_were_written_at(judged, name):
    bpm, meter, pattern = SONGS[name]
    samples, facts = drummed(
        timeline(bpm, bars=16 if bpm == 400 else 8, meter=meter), patterns={"*": pattern}
    )
    check = judged("tempo", samples, facts)["tempo"]
    assert check.status == "pass" and float(check.measured.split()[0]) == pytest.approx(float(bpm), rel=0.001)


def test_known_drums_at_another_tempo_are_refused(judged):
    _, facts = drummed(timeline(130), patterns={"*": SONGS["bossa clave"][2]})
    samples, _ = drummed(timeline(130 * 1.03), patterns={"*": SONGS["bossa clave"][2]})
    check = judged("tempo", samples, facts)["tempo"]
    assert check.status == "fail" and float(check.measured) == pytest.approx(133.9, rel=0.002)


@pytest.mark.parametrize(
    "factor, status", [(1, "pass"), (0.98, "fail"), (1.03, "fail"), (4 / 3, "warn"), (3 / 4, "warn")]
)
@pytest.mark.parametrize("pattern", [ROCK, SONGS["bossa clave"][2] | {"kick": "x---x---x---x---"}])
def test_a_recording_at_a_tempo_and_at_wrong_ones(judged, pattern, factor, status):
    samples, _ = drummed(timeline(112, bars=12), patterns={"*": pattern})
    facts = {"timeline": timeline(112 * factor, bars=14).to_dict()}
    check = judged("tempo", samples, facts, "reference")["tempo"]
    assert check.status == status or (status == "warn" and check.status == "fail")
