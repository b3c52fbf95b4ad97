"""Faders, pans, mutes and paths through several of them, against closed forms."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest

from stemwright.mixing.faders import PAN_LAWS, Fader, Faders, channel_gains, only_mutes, pan_gains
from stemwright.music.curve import Curve
from stemwright.music.lfo import Wave, WaveSpan

FRAMES = 4_000


@pytest.mark.parametrize(
    "gain_db, pan, channels, gains",
    [
        (0, 0, 2, [1, 1]),
        (-20, 0, 2, [0.1, 0.1]),
        (0, 1, 2, [0, 1]),
        (0, -1, 2, [1, 0]),
        (0, 0.5, 2, [math.sqrt(0.5), 1]),
        (20, -0.5, 2, [10, 10 * math.sqrt(0.5)]),
        (-20, 0.7, 1, [0.1]),
    ],
)
def test_fader_and_pan(gain_db, pan, channels, gains):
    assert channel_gains(gain_db, pan, channels) == pytest.approx(gains)


def test_a_centred_stem_passes_unchanged_and_the_far_side_goes_silent():
    assert channel_gains(0, 0, 2) == [1, 1]
    assert channel_gains(0, 1, 2)[0] == channel_gains(0, -1, 2)[1] == 0


SIDES = {
    # (left, right) at -1, -0.5, 0, 0.5 and 1: right is left mirrored.
    "balance": [1, 1, 1, math.cos(math.pi / 4), 0],
    "-3 dB": [math.cos(i * math.pi / 8) for i in range(4)] + [0],
    "-4.5 dB": [math.sqrt((1 - i / 4) * math.cos(i * math.pi / 8)) for i in range(4)] + [0],
    "-6 dB": [1, 0.75, 0.5, 0.25, 0],
}
CENTRE_DB = {"balance": 0.0, "-3 dB": -3.01, "-4.5 dB": -4.52, "-6 dB": -6.02}


@pytest.mark.parametrize("law", PAN_LAWS)
def test_pan_laws(law):
    left, right = pan_gains(np.array([-1, -0.5, 0, 0.5, 1]), law)
    assert left == pytest.approx(SIDES[law], abs=1e-15)
    assert right == pytest.approx(SIDES[law][::-1], abs=1e-15)
    assert (left[0], left[-1], right[0], right[-1]) == (1, 0, 0, 1)  # to the bit
    assert 20 * math.log10(left[2]) == pytest.approx(CENTRE_DB[law], abs=0.005)
    assert channel_gains(-20, 0.5, 2, law) == pytest.approx([left[3] / 10, right[3] / 10])


def test_constant_power_and_constant_sum():
    pan = np.linspace(-1, 1, 101)
    left, right = pan_gains(pan, "-3 dB")
    assert left**2 + right**2 == pytest.approx(np.ones(101), abs=1e-15)
    left, right = pan_gains(pan, "-6 dB")
    assert left + right == pytest.approx(np.ones(101), abs=1e-15)


# --- what moves -------------------------------------------------------------------------------

RISE = Curve(((1_000, -40.0, "linear"), (3_000, 0.0, "linear")))
"""20 dB per 1,000 frames from frame 1,000 to 3,000."""
SWEEP = Curve(((0, -1.0, "linear"), (4_000, 1.0, "linear")))
MUTE = Curve(((0, 0.0, "step"), (500, 1.0, "step"), (2_500, 0.0, "step")), edge=40)
WOBBLE = Curve(
    ((0, -6.0, "linear"),),
    wave=Wave("sine", 3.0, (WaveSpan(Fraction(0), Fraction(0), Fraction(1, 1_000)),), 1),
)
N = np.arange(FRAMES)


def whole(fader, channels=2, frames=FRAMES):
    return np.broadcast_to(fader.gains(0, frames, channels), (frames, channels))


def test_a_moving_gain():
    expected = 10 ** (np.interp(N, [1_000, 3_000], [-40, 0]) / 20)
    for channels in (1, 2):
        found = whole(Fader(RISE), channels)
        assert found == pytest.approx(np.repeat(expected[:, None], channels, axis=1), rel=1e-12)
    wobbling = 10 ** ((-6 + 3 * np.sin(2 * np.pi * N / 1_000)) / 20)
    assert whole(Fader(WOBBLE), 1)[:, 0] == pytest.approx(wobbling, rel=1e-9)


@pytest.mark.parametrize("law", PAN_LAWS)
def test_a_moving_pan(law):
    p = N / 2_000 - 1
    angle = (1 + p) * np.pi / 4
    left, right = {
        "balance": (np.cos(np.maximum(p, 0) * np.pi / 2), np.cos(np.maximum(-p, 0) * np.pi / 2)),
        "-3 dB": (np.cos(angle), np.sin(angle)),
        "-4.5 dB": (np.sqrt((1 - p) / 2 * np.cos(angle)), np.sqrt((1 + p) / 2 * np.sin(angle))),
        "-6 dB": ((1 - p) / 2, (1 + p) / 2),
    }[law]
    found = whole(Fader(Curve.of(-20), SWEEP, law))
    assert found == pytest.approx(np.stack([left, right], axis=1) / 10, abs=1e-12)
    assert np.all(whole(Fader(Curve.of(-20), SWEEP, law), 1) == 0.1)


def test_a_mute():
    assert np.all(whole(Fader(mute=Curve.of(1))) == 0)
    found = whole(Fader(Curve.of(-20), mute=MUTE), 1)[:, 0]
    assert np.all(found[540:2_500] == 0)
    assert found[[*range(500), *range(2_540, FRAMES)]] == pytest.approx(np.full(500 + FRAMES - 2_540, 0.1))
    assert found[500:540] == pytest.approx(0.05 + 0.05 * np.cos(np.pi * (np.arange(40) + 0.5) / 40))


MOVING = Faders([Fader(RISE, SWEEP, "-4.5 dB", MUTE), Fader(Curve.of(-20), Curve.of(0.5)), Fader(WOBBLE)], 2)


def test_a_path_is_the_product_of_its_faders():
    rise = 10 ** ((np.interp(N, [1_000, 3_000], [-40, 0]) - 20 - 6 + 3 * np.sin(2 * np.pi * N / 1_000)) / 20)
    p = N / 2_000 - 1
    angle = (1 + p) * np.pi / 4
    left = np.sqrt((1 - p) / 2 * np.cos(angle)) * math.sqrt(0.5)  # by the balance of the second fader
    right = np.sqrt((1 + p) / 2 * np.sin(angle))
    found = MOVING.gains(0, FRAMES)
    known = [*range(500), *range(2_540, FRAMES)]
    assert found[known] == pytest.approx((rise[:, None] * np.stack([left, right], axis=1))[known], rel=1e-9)
    assert not np.any(found[540:2_500])
    assert np.array_equal(Faders([], 2).gains(7, 3), [[1, 1]])
    constant = Faders([Fader(Curve.of(-20)), Fader(Curve.of(6), Curve.of(-1))], 2)
    assert constant.is_constant and not MOVING.is_constant
    assert constant.gains(5, 100) == pytest.approx(np.array([[10 ** (-14 / 20), 0]]))


def test_only_the_mute_is_left_before_the_fader():
    found = whole(only_mutes(Fader(RISE, SWEEP, "-6 dB", MUTE)))
    assert np.all(found[:500] == 1) and np.all(found[540:2_500] == 0) and np.all(found[2_540:] == 1)


@pytest.mark.parametrize(
    "lengths", [[1] * 100 + [3_900], [499, 2, 40, 3_459], [4_000], [1_337] * 2 + [1_326]]
)
def test_blocks_of_any_size_have_the_same_gains(lengths):
    starts = np.cumsum([0, *lengths[:-1]])
    blocks = [MOVING.gains(int(start), count) for start, count in zip(starts, lengths, strict=True)]
    assert np.array_equal(np.concatenate(blocks), MOVING.gains(0, FRAMES))


def test_plain_data_and_back():
    path = Faders(MOVING.faders[::2], 2)
    plain = json.loads(json.dumps(path.to_dict()))
    again = Faders.from_dict(plain, 2)
    assert again.to_dict() == path.to_dict() and list(plain) == ["fader", "send"]
    assert np.array_equal(again.gains(0, FRAMES), path.gains(0, FRAMES))


def test_what_is_at_its_default_is_not_written():
    assert Fader(Curve.of(-3), Curve.of(0.5)).to_dict() == {"gain_db": -3, "pan": 0.5}
    assert Fader(law="-6 dB", mute=Curve.of(1)).to_dict() == {
        "gain_db": 0,
        "pan": 0,
        "law": "-6 dB",
        "mute": 1,
    }
    assert Faders.from_dict({"fader": {}}, 2).gains(0, 1).tolist() == [[1, 1]]
