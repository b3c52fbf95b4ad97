"""The ducker: its depth, and its timing against the key's onsets."""

from __future__ import annotations

import weakref

import numpy as np
import pytest
from effect_runs import RATE, decibels, keyed, noise, sine, square

from stemwright.audio import write_audio
from stemwright.effects import make
from stemwright.music.render_context import RenderContext

KEYS = {"depth_db": 9.0, "threshold_db": -30.0, "attack_ms": 5.0, "hold_ms": 20.0, "release_ms": 100.0}
BEAT, STRUCK = 24_000, 4_800
ONSETS = np.arange(6_000, 3 * RATE, BEAT)


def drums(level):
    """A tone of 1 kHz that begins at each onset and ends, beside a peak."""
    since = (np.arange(3 * RATE) - ONSETS[0]) % BEAT
    return (10 ** (level / 20) * np.cos(2 * np.pi * since / 48) * (since < STRUCK))[:, None]


@pytest.mark.parametrize("own_level", [-70, -10, 6])
def test_it_follows_the_onsets_of_its_key(tmp_path, own_level):
    samples = np.full((3 * RATE, 1), 10 ** (own_level / 20))
    entry = {"ducker": KEYS}
    key = drums(-6)
    key[: ONSETS[0]] = 0
    found = decibels(keyed(entry, samples, key, tmp_path)[:, 0]) - own_level
    turns_down = np.flatnonzero(np.diff(found) < -0.1)
    firsts = turns_down[np.diff(turns_down, prepend=-BEAT) > BEAT / 2] + 1
    assert firsts.tolist() == ONSETS.tolist()
    t = np.arange(1, BEAT + 1) / RATE * 1_000
    returning = STRUCK - 1 + 20 * RATE // 1_000
    down = 1 - np.exp(-2 * np.pi * t[:returning] / 5)
    up = down[-1] * np.exp(-2 * np.pi * t[: BEAT - returning] / 100)
    for onset in ONSETS[:-1]:
        assert np.allclose(found[onset : onset + BEAT], -9 * np.concatenate([down, up]), rtol=0, atol=0.01)


@pytest.mark.parametrize("key_level", [-200, -31])
def test_a_key_below_the_threshold_changes_nothing(tmp_path, key_level):
    samples = noise(RATE)
    key = np.repeat(sine(200, key_level), 2, axis=1)
    assert np.array_equal(keyed({"ducker": KEYS}, samples, key, tmp_path), samples)


@pytest.mark.parametrize("depth", [0, 3, 60])
def test_depth_while_a_key_sounds_in_one_channel(tmp_path, depth):
    samples = noise(RATE)
    key = np.hstack([np.zeros((RATE, 1)), sine(100, -6)])
    result = keyed({"ducker": KEYS | {"depth_db": float(depth)}}, samples, key, tmp_path)
    assert np.allclose(result[4_800:], samples[4_800:] * 10 ** (-depth / 20), rtol=1e-4, atol=0)


def test_it_holds_nothing_that_it_does_not_hear(tmp_path):
    """Its input is heard by nobody but its output: of a long stem, few blocks are in memory at once."""
    write_audio(tmp_path / "key.wav", [noise(40 * RATE)], rate=RATE, channels=2, frames=40 * RATE)
    context = RenderContext(RATE, 2, 40 * RATE, files={"key": str(tmp_path / "key.wav")})
    living = weakref.WeakSet()
    most = 0

    class Block(np.ndarray):
        """An array that a set can hold."""

        __hash__ = object.__hash__

    def blocks():
        nonlocal most
        for _ in range(40):
            block = np.zeros((RATE, 2)).view(Block)
            living.add(block)
            most = max(most, len(living))
            yield block

    for _ in make({"ducker": KEYS | {"key": "drums"}}).process(blocks(), context):
        pass
    assert most < 10


def test_it_needs_a_key():
    assert make({"ducker": {"key": "voice"}}).side_chains() == [(("key",), "voice")]
    with pytest.raises(TypeError, match="key"):
        make({"ducker": {}})


def test_depth_and_threshold_that_move(tmp_path):
    """It sounds from where the threshold falls below its level, -20 dB; its depth is followed at once."""
    depth = [{"at": "0.4 s", "value": 6.0}, {"at": "0.8 s", "value": 18.0}]
    threshold = [{"at": "0 s", "value": -10.0}, {"at": "0.4 s", "value": -30.0}]
    keys = {"depth_db": depth, "threshold_db": threshold, "attack_ms": 5.0, "hold_ms": 20.0}
    samples = np.ones((RATE, 1))
    found = decibels(keyed({"ducker": keys}, samples, square(-20), tmp_path)[:, 0])
    t = np.arange(RATE) / RATE
    down = np.where(t > 0.2, 1 - np.exp(-2 * np.pi * (t - 0.2) * 1_000 / 5), 0)
    assert np.abs(found - -np.interp(t, [0.4, 0.8], [6, 18]) * down).max() < 0.01
