"""FM: what its keys do, against closed forms."""

from __future__ import annotations

from typing import get_type_hints

import numpy as np
import pytest
from scipy import special
from synth_sounds import HELD, RATE, decibels, sound, strength

from stemwright import instruments
from stemwright.instruments import Note, fm


def test_side_bands_are_bessels():
    carrier, still = {"level": 1.0, "ratio": 10.0, "envelope": HELD, "velocity": 0.0}, {"level": 0.0}
    modulator = {"level": 0.2, "ratio": 1.0, "envelope": HELD, "velocity": 0.0}
    x = sound({"fm": {"operators": [carrier, modulator, still, still]}}, 57)[4_800:43_200, 0]
    index = 0.2 * 4 * np.pi
    for n in range(-6, 7):
        expected = abs(special.jv(n, index)) * 10 ** (-12 / 20)
        assert strength(x, 220 * (10 + n)) == pytest.approx(expected, abs=2e-4)


def test_levels_are_scaled_by_velocity_and_key():
    operator = fm.Operator(level=0.8, velocity=0.6, scaling_db=6.0)
    assert operator.peak_level(Note(0, 1, 45, 1.0)) == 0.8
    assert operator.peak_level(Note(0, 1, 81, 1.0)) == pytest.approx(0.8 * 10 ** (-12 / 20))
    assert operator.peak_level(Note(0, 1, 57, 0.5)) == pytest.approx(0.8 * (0.4 + 0.6 * 0.25))


def test_operators_that_there_is_no_room_for_are_silent():
    operators = [{"level": 1.0, "ratio": 16.0}, *[{"level": 0.0}] * 3]
    assert not np.any(sound({"fm": {"operators": operators}}, 96, 0.1))


def test_side_bands_below_hearing_are_left_out():
    pair = [{"level": 1.0, "cents": 2.0, "envelope": HELD}, {"level": 0.14, "envelope": HELD}]
    x = sound({"fm": {"operators": [*pair, *[{"level": 0.0}] * 2]}}, 84, 3.0)[:, 0]  # they beat at 1.2 Hz
    slow = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    assert decibels(np.max(slow[: 10 * len(x) // RATE]) / np.max(slow)) < -40


@pytest.mark.parametrize("algorithm", range(1, 9))
def test_every_operator_has_its_place_in_every_algorithm(algorithm):
    def heard(loud):
        operators = [
            {"level": 0.1 if n in loud else 0.0, "ratio": float(n), "envelope": HELD, "velocity": 0.0}
            for n in (1, 2, 3, 4)
        ]
        return np.max(np.abs(sound({"fm": {"algorithm": algorithm, "operators": operators}}, seconds=0.2)))

    carriers = {1: {1}, 2: {1}, 3: {1}, 4: {1}, 5: {1, 3}, 6: {1, 2, 3}, 7: {1, 2, 3}, 8: {1, 2, 3, 4}}[
        algorithm
    ]
    assert {n for n in (1, 2, 3, 4) if heard({n}) > 0} == carriers


def test_the_algorithms_are_those_of_the_keys_help():
    def spelt(i, wires):
        into = [spelt(m, wires) for m in wires.get(i, ())]
        return f"{into[0]}>{i}" if len(into) == 1 else f"({','.join(into)})>{i}" if into else str(i)

    told = get_type_hints(fm.Fm, include_extras=True)["algorithm"].__metadata__[0].help
    for number, (heard, wires) in fm._ALGORITHMS.items():
        each = " + ".join(spelt(i, wires) for i in heard)
        assert f"{number} {'is ' if number == 1 else ''}{each if number != 6 else '4>(1,2,3)'}" in told


@pytest.mark.parametrize(
    ("algorithm", "loud", "told"),
    [
        (1, 1, None),
        (1, 2, "of algorithm 1, what is heard is operator 1, at level 0"),
        (5, 3, None),
        (5, 4, "operator 1 + 3, at level 0"),
        (7, 4, "operator 1 + 2 + 3, at level 0"),
        (8, 4, None),
    ],
)
def test_carriers_at_level_0_are_a_mistake(algorithm, loud, told):
    """`loud` is the only operator with a level."""
    keys = {"algorithm": algorithm, "operators": [{"level": float(n == loud)} for n in range(1, 5)]}
    mistakes = [message for _, message in instruments.make({"fm": keys}).problems(None)]
    assert bool(mistakes) == (told is not None)
    assert bool(np.any(sound({"fm": keys}, 57, 0.1))) == (told is None)
    assert all(told in message for message in mistakes)
