"""The delay: echoes on their frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from effect_runs import RATE, apply, song

from stemwright.effects import make
from stemwright.music.render_context import RenderContext


def echoes(keys, frames, rate=RATE, timeline=None):
    """Where an impulse sounds, and how loud."""
    impulse = np.zeros((frames, 1))
    impulse[0] = 1
    result = apply({"delay": keys}, impulse, rate=rate, timeline=timeline)[:, 0]
    return {int(at): result[at] for at in np.flatnonzero(result)}


def test_an_eighth_at_120_is_a_quarter_of_a_second():
    keys = {"delay_length": "1/8", "feedback": 0.5, "mix": 0.25}
    assert echoes(keys, 40_000) == {0: 0.75, 12_000: 0.25, 24_000: 0.125, 36_000: 0.0625}
    assert echoes(keys | {"delay_length": "1/8.", "mix": 1.0}, 40_000) == {18_000: 1, 36_000: 0.5}


@pytest.mark.parametrize("bpm", ["120", "140", "97", "400/3", "123.456"])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_delays_are_exact_to_the_frame(bpm, rate):
    timeline = song(1, rate, [(1, bpm, "4/4")])
    notes = {"1/4": 1, "1/8": 0.5, "1/8.": 0.75, "1/8t": Fraction(1, 3), "1/64": Fraction(1, 16)}
    for note, quarters in notes.items():
        expected = int(Fraction(quarters) * 60 / Fraction(bpm) * rate + Fraction(1, 2))
        assert echoes({"delay_length": note, "mix": 1.0}, rate, rate, timeline) == {expected: 1}


@pytest.mark.parametrize("frames", [1, 2, 3, 441, 12_345, 44_099, 100_003, 239_999, 240_000])
def test_delays_in_seconds(frames):
    keys = {"delay_seconds": frames / 8_000, "mix": 1.0}
    assert echoes(keys, 240_001, 8_000) == {frames: 1}
    assert echoes({"delay_length": f"{frames / 8} ms", "mix": 1.0}, 240_001, 8_000) == {frames: 1}


@pytest.mark.parametrize(
    "keys",
    [{"delay_length": "16 bars"}, {"delay_length": "31 s"}, {"delay_length": "0 s"}, {"delay_seconds": 0.0}],
)
def test_delays_that_cannot_be(keys):
    with pytest.raises(ValueError, match="echoes must be one frame to 30 s apart"):
        make({"delay": keys}).check(RenderContext(RATE, 2, 100, timeline=song(1, RATE)))


@pytest.mark.parametrize("keys", [{}, {"delay_seconds": 0.5, "delay_length": "1/8"}])
def test_a_delay_has_one_length(keys):
    with pytest.raises(ValueError, match="needs one of delay_seconds and delay_length"):
        make({"delay": keys})
