"""The organ: drawbars, percussion and the turning horn."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from synth_sounds import decibels, sound, strength, turns_per_second

from stemwright import instruments
from stemwright.instruments import Note
from stemwright.validation import registry


def test_drawbars_are_in_steps_of_3_db():
    entry = {"organ": {"drawbars": "87 6543 210", "click": 0.0, "rotor_depth": 0.0}}
    x = sound(entry)[4_800:43_200, 0]
    halves = (1, 3, 2, 4, 6, 8, 10, 12)
    found = [decibels(strength(x, 110 * h)) for h in halves]
    assert np.allclose(np.array(found) - found[0], [0, -3, -6, -9, -12, -15, -18, -21], atol=0.05)
    assert strength(x, 110 * 16) < 1e-5


def test_percussion_falls_by_20_db_in_its_time():
    keys = {
        "drawbars": "80 0000 000",
        "percussion": "third",
        "percussion_ms": 300.0,
        "click": 0.0,
        "rotor_depth": 0.0,
    }
    x = sound({"organ": keys})[:, 0]
    early, late = (strength(x[a : a + 4_800], 660) for a in (2_400, 16_800))
    assert decibels(early / late) == pytest.approx(20, abs=0.2)


def test_the_horn_comes_to_one_side_as_it_goes_from_the_other():
    keys = {"drawbars": "00 8000 000", "click": 0.0, "rotor_hz": 1.0, "rotor_depth": 1.0}
    left, right = sound({"organ": keys}, channels=2).T
    near, far = (np.max(np.abs(x[11_000:13_000])) for x in (left, right))  # after a quarter turn
    assert near / far == pytest.approx(1.4 / 0.6, rel=0.01)
    assert turns_per_second(left, 0.5) < 219.5 and turns_per_second(right, 0.5) > 220.5


def test_wheels_that_there_is_no_room_for_are_silent():
    note = Note(0, 8_000, 80.0, 1.0)
    organ = instruments.make({"organ": {"drawbars": "00 0000 800", "click": 0.0}})
    assert not np.any(organ.sound(note, 8_000, 1, ""))


@pytest.mark.parametrize("text", ["88 8000 00", "98 8000 000", "", "00 0000 000", 888000000])
def test_drawbars_that_there_are_not(text):
    with pytest.raises(ValidationError):
        TypeAdapter(registry.load("stemwright.instruments", "organ")).validate_python({"drawbars": text})
