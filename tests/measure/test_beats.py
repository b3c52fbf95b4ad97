"""Tempi ranked, first beats and bar lines, of strokes whose times and levels are written here."""

from __future__ import annotations

import numpy as np
import pytest

from stemwright.measure.beats import find_beats, rank_tempi

LEVELS = {
    "k": (-10, -25, -50),
    "s": (-45, -15, -20),
    "h": (-80, -50, -25),
}  # dB below 150 Hz, up to 2 kHz, above
ROCK = ["kh", "", "h", "", "sh", "", "h", "", "kh", "", "kh", "", "sh", "", "h", ""]
WALTZ = ["k", "", "h", "", "s", "", "h", "", "s", "", "h", ""]


def strokes(pattern, bpm, bars, start=0.0, jitter_ms=0.0, lead=()):
    """(seconds, strengths, colours) of bars of a pattern in sixteenths; `lead`: sixteenths before the first bar."""
    rng = np.random.default_rng(4)
    steps = [(n - len(lead), piece) for n, piece in enumerate([*lead, *pattern * bars]) if piece]
    at = start + np.array([n for n, _ in steps]) * 15 / bpm
    at = at + rng.normal(0, jitter_ms / 1000, len(at)) if jitter_ms else at
    colours = np.array([np.max([LEVELS[p] for p in piece], axis=0) for _, piece in steps], float)
    order = np.argsort(at)
    return at[order], np.full(len(at), 10.0), colours[order]


@pytest.mark.parametrize("bpm", [64.37, 90, 129.99, 174.5])
def test_the_tempo_is_the_first_of_the_folds_or_the_next(bpm):
    folds = rank_tempi(*strokes(ROCK, bpm, 8))
    found = [fold.bpm for fold in folds]
    assert min(abs(f / bpm - 1) for f in found[:2]) < 0.001
    assert sum(fold.share for fold in folds) == pytest.approx(1)
    assert [f.share for f in folds] == sorted((f.share for f in folds), reverse=True)
    if 80 < bpm < 140:
        assert found[0] == pytest.approx(bpm, rel=0.001)


@pytest.mark.parametrize("pattern, quarters", [(ROCK, 4), (WALTZ, 3)])
@pytest.mark.parametrize("start", [0.0, 1.234])
def test_the_tempo_of_a_minute_to_a_hundredth_and_the_bar_line_to_a_millisecond(pattern, quarters, start):
    seconds, _, colours = strokes(pattern, 129.99, round(130 / quarters), start, jitter_ms=3)
    beats = find_beats(seconds, colours, 128)
    assert beats.bpm == pytest.approx(129.99, abs=0.01)
    assert beats.downbeat == pytest.approx(start, abs=0.002)
    assert (beats.quarters, beats.is_steady) == (quarters, True)
    assert beats.bar_1 == beats.downbeat


def test_a_pick_up_is_before_the_bar_line():
    seconds, _, colours = strokes(ROCK, 100, 12, start=2.0, lead=["s", "s"])
    beats = find_beats(seconds, colours, 100)
    assert (beats.first_beat, beats.downbeat) == pytest.approx((2.0, 2.0), abs=0.001)
    assert beats.pickup == pytest.approx(0.3, abs=0.001)
    assert beats.bar_1 == pytest.approx(2.0 - 2.4, abs=0.001)


def test_swing_does_not_move_the_beat():
    seconds, _, colours = strokes(["kh", "h", "h", "h", "sh", "h", "h", "h"] * 2, 96, 12, start=0.5)
    step = np.round((seconds - 0.5) * 96 / 15).astype(int)
    beats = find_beats(seconds + np.where(step % 2, 0.03, 0), colours, 96)
    assert beats.downbeat == pytest.approx(0.5, abs=0.001)


def test_what_gets_faster_is_not_steady():
    seconds, _, colours = strokes(ROCK, 120, 30)
    assert find_beats(seconds, colours, 120).is_steady
    assert not find_beats(seconds - 0.0004 * seconds**2, colours, 120).is_steady


def test_without_a_pulse_there_is_nothing():
    rng = np.random.default_rng(5)
    seconds = np.sort(rng.uniform(0, 30, 90))
    assert rank_tempi(seconds, np.full(90, 10.0), np.zeros((90, 3))) == []
    assert find_beats(seconds, np.zeros((90, 3)), 120) is None
    assert rank_tempi(seconds[:5], np.full(5, 10.0), np.zeros((5, 3))) == []
