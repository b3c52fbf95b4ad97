"""The LFO of effects, heard as the gain of a full tremolo: its shapes, and its rate to the beat."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from effect_runs import RATE, apply, song

from stemwright.effects import make
from stemwright.music.render_context import RenderContext

CHANGES = [(1, 120, "4/4"), (2, 93, "3/4"), (4, "400/3", "6/8"), (5, 61.7, "4/4")]
SHAPES = {
    "sine": lambda x: np.sin(2 * np.pi * x),
    "triangle": lambda x: np.interp(x, [0, 0.25, 0.75, 1], [0, 1, -1, 0]),
    "square": lambda x: np.where(x < 0.5, 1.0, -1.0),
    "saw": lambda x: 2 * x - 1,
}


def wave(keys, frames, timeline=None, rate=RATE):
    """The LFO, from -1 to 1."""
    entry = {"tremolo": {"depth": 1.0, **keys}}
    return 2 * apply(entry, np.ones((frames, 1)), rate=rate, timeline=timeline)[:, 0] - 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("hertz, phase", [(0.3, 0.0), (1.0, 0.25), (7.3, 0.9)])
def test_shapes(shape, hertz, phase):
    x = (np.arange(2 * RATE) * hertz / RATE + phase) % 1
    found = wave({"rate_hz": hertz, "shape": shape, "phase": phase}, 2 * RATE)
    halves = 0.5 if shape == "square" else 1
    held = x % halves >= (0.0051 * hertz if shape in ("square", "saw") else 0)  # after its jumps
    assert np.allclose(found[held], SHAPES[shape](x)[held], rtol=0, atol=1e-9)
    assert np.abs(found).max() <= 1 + 1e-12
    steepest = (
        np.pi / 0.005 if shape in ("square", "saw") else 2 * np.pi * hertz
    )  # the slope of a cosine edge
    assert np.abs(np.diff(found)).max() * RATE <= steepest + 2 * hertz


@pytest.mark.parametrize("length, quarters", [("1/4", 1), ("1/8t", Fraction(1, 3)), ("1/2.", 3)])
def test_notes_follow_the_tempo(length, quarters):
    timeline = song(6, RATE, CHANGES)
    speeds = [  # quarters per frame, in each bar; those of 6/8 have three
        (4, 120),
        (3, 93),
        (3, 93),
        (3, 400 / 3),
        (4, 61.7),
        (4, 61.7),
    ]
    frames = [round(float(q) * 60 / float(bpm) * RATE) for q, bpm in speeds]
    cycles = np.cumsum(np.repeat([bpm / 60 / RATE / float(quarters) for _, bpm in speeds], frames))
    x = np.concatenate(([0], cycles[:-1]))
    found = wave({"length": length}, sum(frames), timeline)
    assert np.allclose(found, np.sin(2 * np.pi * x), rtol=0, atol=1e-3)


@pytest.mark.parametrize("length, beats", [("1 beat", 1), ("1 bar", None)])
def test_beats_and_bars_are_those_of_the_meter(length, beats):
    timeline = song(200, 8_000, [*CHANGES, (80, 171, "7/8")])
    found = wave({"length": length, "phase": 0.25}, timeline.frames, timeline, 8_000)
    on = [frame for _, beat, frame in timeline.beats() if beats or beat == 1]
    assert found[on].min() > 1 - 1e-5  # to the frame, to the end
    middles = [(a + b) // 2 for a, b in pairwise(on)]
    assert found[middles].max() < -0.999


def test_a_cycle_in_seconds_needs_no_timeline():
    assert not make({"tremolo": {"length": "250 ms"}}).needs_timeline
    assert not make({"tremolo": {"rate_hz": 4.0}}).needs_timeline
    assert make({"tremolo": {"length": "1/8"}}).needs_timeline
    seconds, hertz = wave({"length": "250 ms"}, RATE), wave({"rate_hz": 4.0}, RATE)
    assert np.array_equal(seconds, hertz)


@pytest.mark.parametrize("keys", [{}, {"length": "1/4", "rate_hz": 2.0}])
def test_one_of_length_and_rate(keys):
    with pytest.raises(ValueError, match="needs one of length and rate_hz"):
        make({"tremolo": keys})


def test_a_cycle_that_is_too_short():
    context = RenderContext(RATE, 1, 100, timeline=song(8, RATE, CHANGES))
    assert list(make({"tremolo": {"length": "1/64"}}).problems(context)) == []
    message = "must give at most 100 cycles a second (is 1/256: 142.222)"
    assert list(make({"tremolo": {"length": "1/256"}}).problems(context)) == [(("length",), message)]
