"""Shares of a bus: through linear effects and gain curves of the whole, they add up to the bus."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from pedalboard import Compressor, Pedalboard

from stemwright.audio import BLOCK, Spool
from stemwright.effects import Chain
from stemwright.mixing.faders import Fader, Faders
from stemwright.mixing.shares import Step, read_curves, through, write_curves
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext

READ_ALL = """
import re, sys
from stemwright.mixing.shares import _blocks, read_curves

def highest():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])

before = highest()
(curve,) = read_curves(sys.argv[1])
assert sum(len(block) for block in _blocks(curve, len(curve))) == len(curve)
print(highest() - before)
"""
RATE, FRAMES = 24_000, 100_000  # more than one block
CONTEXT = RenderContext(RATE, 2, FRAMES)
EQ = {
    "eq": {
        "bands": [
            {"peak": {"frequency_hz": 700, "gain_db": 4}},
            {"high_shelf": {"frequency_hz": 4_000, "gain_db": -5}},
        ]
    }
}
COMPRESSOR = {"compressor": {"threshold_db": -30, "ratio": 6, "attack_ms": 3}}
LIMITER = {"limiter": {"ceiling_db": -14}}
REVERB = {"reverb": {"room_size": 0.6, "wet_level": 0.4, "dry_level": 0.5}}
DELAY = {"delay": {"delay_seconds": 0.11, "feedback": 0.4, "mix": 0.3, "lowpass_hz": 2_500}}
UNITY = Faders([], 2)


def sounds():
    """Three stereo noises that come and go at three speeds, each with a last third of silence."""
    rng, time = np.random.default_rng(11), np.arange(FRAMES)[:, None] / RATE
    stems = rng.normal(0, 0.1, (3, FRAMES, 2))
    for stem, speed in zip(stems, (1, 3, 7), strict=True):
        stem *= np.abs(np.sin(np.pi * speed * time)) ** 4
        stem[2 * FRAMES // 3 :] = 0
    return stems


def blocks(samples, size=20_000):
    yield from np.array_split(samples, range(size, len(samples), size))


def joined(stream):
    return np.concatenate(list(stream))


def peak_db(samples):
    return 20 * math.log10(np.max(np.abs(samples)) or 1e-30)


def curves_of(chain, samples):
    return [joined(curve.blocks()) for curve in chain.curves(blocks(samples), CONTEXT)]


@pytest.mark.parametrize(
    "entries",
    [[EQ], [COMPRESSOR], [LIMITER], [REVERB], [DELAY], [EQ, COMPRESSOR, LIMITER, REVERB, DELAY]],
    ids=lambda entries: "+".join(kind for entry in entries for kind in entry),
)
def test_shares_add_up_to_the_chain_of_the_sum(entries):
    stems, chain = sounds(), Chain.make(entries)
    whole = joined(chain.process(blocks(stems.sum(axis=0)), CONTEXT))
    curves = curves_of(chain, stems.sum(axis=0))
    shares = [
        joined(through({"a": blocks(stem)}, [Step("bus", {"a": UNITY}, chain, curves, CONTEXT)]))
        for stem in stems
    ]
    assert peak_db(sum(shares) - whole) < -140
    assert all(share.shape == whole.shape for share in shares)
    if curves:  # a stem alone drives the dynamics less
        alone = sum(joined(chain.process(blocks(stem), CONTEXT)) for stem in stems)
        assert peak_db(alone - whole) > -40


def test_a_share_is_the_stem_times_the_gain_of_the_whole():
    """The gain is that of pedalboard's compressor, which does not link the channels."""
    stems, chain = sounds(), Chain.make([{"compressor": {**COMPRESSOR["compressor"], "link": False}}])
    whole = stems.sum(axis=0).astype(np.float32)
    board = Pedalboard([Compressor(threshold_db=-30, ratio=6, attack_ms=3, release_ms=100)])
    gain = board(whole, RATE).astype(float) / np.where(whole == 0, 1, whole)
    curves = curves_of(chain, stems.sum(axis=0))
    step = Step("bus", {"a": UNITY}, chain, curves, CONTEXT)
    share = joined(through({"a": blocks(stems[1])}, [step]))
    loud = np.abs(whole) > 1e-3
    assert np.min(gain[loud]) < 0.6
    assert share[loud] == pytest.approx((stems[1] * gain)[loud], rel=1e-4)


def test_a_file_of_curves(tmp_path):
    curves = np.random.default_rng(3).uniform(0, 1, (2, FRAMES, 2))
    path = tmp_path / "gains.npy"
    write_curves(path, [Spool(2, blocks(curve)) for curve in curves])
    assert np.array_equal(np.load(path), curves)
    assert np.load(path).dtype == np.float64
    found = read_curves(path)
    assert [len(curve) for curve in found] == [FRAMES, FRAMES]
    for part in (
        slice(None),
        slice(0, 100),
        slice(777, 1_000),
        slice(-1, None),
        slice(FRAMES - 5, FRAMES + 5),
    ):
        assert all(
            np.array_equal(curve[part], whole[part]) for curve, whole in zip(found, curves, strict=True)
        )


def test_a_file_without_curves(tmp_path):
    write_curves(tmp_path / "gains.npy", [])
    assert read_curves(tmp_path / "gains.npy") == []


def test_of_a_file_of_curves_one_block_is_held(tmp_path):
    path, size = tmp_path / "gains.npy", 80_000_000
    write_curves(path, [Spool(2, (np.full((BLOCK, 2), 0.5) for _ in range(size // BLOCK // 16)))])
    told = subprocess.run(
        [sys.executable, "-c", READ_ALL, path],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(told) * 1024 < size / 10


def test_curves_from_a_file_give_the_same_share(tmp_path):
    stems, chain = sounds(), Chain.make([EQ, COMPRESSOR, LIMITER])
    spools = chain.curves(blocks(stems.sum(axis=0)), CONTEXT)
    write_curves(tmp_path / "gains.npy", spools)
    shares = [
        joined(through({"a": blocks(stems[0])}, [Step("bus", {"a": UNITY}, chain, curves, CONTEXT)]))
        for curves in ([joined(spool.blocks()) for spool in spools], read_curves(tmp_path / "gains.npy"))
    ]
    assert np.array_equal(*shares)


def test_after_its_end_a_curve_stays_as_it_was():
    stem, curve = sounds()[0], np.linspace(1, 0.25, 1_000)[:, None].repeat(2, axis=1)
    step = Step("bus", {"a": UNITY}, Chain.make([COMPRESSOR]), [curve], CONTEXT)
    gains = np.full((FRAMES, 2), 0.25)
    gains[:1_000] = curve
    assert np.allclose(joined(through({"a": blocks(stem)}, [step])), stem * gains, atol=1e-7)


FEEDS = {
    "drums": {
        "a": Faders([Fader(Curve(((0, -40.0, "linear"), (90_000, 0.0, "linear"))), Curve.of(-0.5))], 2),
        "b": Faders([Fader(Curve.of(-3))], 2),
    },
    "hall": {
        "b": Faders([Fader(Curve.of(-3)), Fader(Curve.of(-6))], 2),  # a send after the fader
        "c": Faders([Fader(Curve.of(0)), Fader(Curve.of(-9))], 2),
        "drums": Faders([Fader(Curve.of(-2), Curve.of(0.3)), Fader(Curve.of(-12))], 2),
    },
    "mix": {
        "c": Faders([Fader(Curve.of(0), Curve.of(0.5))], 2),
        "drums": Faders([Fader(Curve.of(-2), Curve.of(0.3))], 2),
        "hall": Faders([Fader(Curve.of(-1))], 2),
    },
}
CHAINS = {"drums": [COMPRESSOR, EQ], "hall": [DELAY, LIMITER], "mix": []}


def by_hand():
    """What comes into each bus and into the mix, with the chain of each as it is without any shares."""
    names = dict(zip("abc", sounds(), strict=True))
    came = {}
    for bus, feeds in FEEDS.items():
        came[bus] = sum(names[name] * path.gains(0, FRAMES) for name, path in feeds.items())
        names[bus] = joined(Chain.make(CHAINS[bus]).process(blocks(came[bus]), CONTEXT))
    return came, names["mix"]


def steps(curves, live):
    """The steps on the way of what is live."""
    known, found = set(live), []
    for bus, feeds in FEEDS.items():
        on_way = {name: path for name, path in feeds.items() if name in known}
        if on_way:
            known.add(bus)
            found.append(Step(bus, on_way, Chain.make(CHAINS[bus]), curves and curves[bus], CONTEXT))
    return found


def test_through_two_buses_and_a_send():
    came, mix = by_hand()
    curves = {bus: curves_of(Chain.make(entries), came[bus]) for bus, entries in CHAINS.items()}
    printed = {
        name: joined(through({name: blocks(stem)}, steps(curves, name)))
        for name, stem in zip("abc", sounds(), strict=True)
    }
    assert [step.name for step in steps(curves, "a")] == ["drums", "hall", "mix"]
    assert [step.name for step in steps(curves, "c")] == ["hall", "mix"]
    assert peak_db(sum(printed.values()) - mix) < -140
    for name in "abc":  # none is the whole
        assert peak_db(printed[name] - mix) > -40


def test_without_curves_it_is_what_the_effects_make_of_it():
    """As in a solo: of all stems, the mix; of some, what the mix would be of them alone."""
    stems = dict(zip("abc", sounds(), strict=True))
    _, mix = by_hand()
    every = through({name: blocks(stem) for name, stem in stems.items()}, steps(None, "abc"))
    assert np.array_equal(joined(every), mix)
    (hall, last) = steps(None, "c")
    echoes = joined(Chain.make(CHAINS["hall"]).process(blocks(stems["c"] * 10 ** (-9 / 20)), CONTEXT))
    alone = stems["c"] * [math.sqrt(0.5), 1] + echoes * 10 ** (-1 / 20)
    assert joined(through({"c": blocks(stems["c"])}, [hall, last])) == pytest.approx(alone, abs=1e-12)
