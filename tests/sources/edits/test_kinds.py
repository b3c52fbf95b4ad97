"""Every edit against the same pieces put together by hand: to the bit outside of its crossfades."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from rendering import noise, on, rendered, timeline

from stemwright.validation import registry

RATE, SECONDS = 8_000, 4
CLIP = noise(SECONDS, channels=2)
HALF = 20  # frames: half of 5 ms
S = RATE


@pytest.fixture
def edited(tmp_path):
    """Edit the clip, and give what sounds: from its start to its last frame that is not silent."""

    def edit(*edits, line=None, clip=CLIP, rate=RATE, **keys):
        sf.write(tmp_path / "clip.wav", clip, rate, "FLOAT")
        line = line or timeline(length="8 bars")
        entry = {"audio": {"file": "clip.wav", "edits": list(edits), **keys}}
        return rendered(entry, on(line, clip.shape[1], file=tmp_path / "clip.wav"))

    return edit


def parts(*spans):
    """The clip from frame to frame, one span after another; None for silence of so many frames."""
    return np.concatenate(
        [
            np.zeros((b, 2), np.float32) if a is None else CLIP[a:b] if a < b else CLIP[b:a][::-1]
            for a, b in spans
        ]
    )


KINDS = {
    "cut": ({"cut": {"start": "1 s", "end": "1.5 s"}}, parts((0, S), (12_000, 4 * S)), [S]),
    "cut of the head": ({"cut": {"start": "0 s", "end": "1 s"}}, parts((S, 4 * S)), [0]),
    "cut of the tail": ({"cut": {"start": "3 s", "end": "4 s"}}, parts((0, 3 * S)), [3 * S]),
    "silence": (
        {"silence": {"start": "1 s", "end": "2 s"}},
        parts((0, S), (None, S), (2 * S, 4 * S)),
        [S, 2 * S],
    ),
    "reverse": (
        {"reverse": {"start": "1 s", "end": "2 s"}},
        parts((0, S), (2 * S, S), (2 * S, 4 * S)),
        [S, 2 * S],
    ),
    "repeat": (
        {"repeat": {"start": "1 s", "end": "2 s", "times": 3}},
        parts((0, 2 * S), (S, 2 * S), (S, 2 * S), (2 * S, 4 * S)),
        [2 * S, 3 * S],
    ),
    "move later": (
        {"move": {"start": "1 s", "end": "2 s", "to": "1.1 s"}},
        parts((0, S), (None, 800), (S, 2 * S), (16_800, 4 * S)),
        [S, 8_800, 16_800],
    ),
    "move earlier": (
        {"move": {"start": "1 s", "end": "2 s", "to": "0.9 s"}},
        parts((0, 7_200), (S, 2 * S), (None, 800), (2 * S, 4 * S)),
        [7_200, 15_200, 16_000],
    ),
    "move away": (
        {"move": {"start": "1 s", "end": "1.5 s", "to": "3 s"}},
        parts((0, S), (None, 4_000), (12_000, 3 * S), (S, 12_000), (28_000, 4 * S)),
        [S, 12_000, 3 * S, 28_000],
    ),
    "move beyond the end": (
        {"move": {"start": "3 s", "end": "4 s", "to": "3.5 s"}},
        parts((0, 3 * S), (None, 4_000), (3 * S, 4 * S)),
        [3 * S, 28_000],  # it ends with its file, uncut
    ),
    "ripple": (
        {"move": {"start": "1 s", "end": "1.5 s", "to": "3 s", "ripple": True}},
        parts((0, S), (12_000, 3 * S), (S, 12_000), (3 * S, 4 * S)),
        [S, 20_000, 3 * S],
    ),
    "replace": (
        {"replace": {"start": "1 s", "end": "1.5 s", "by": "3.25 s"}},
        parts((0, S), (26_000, 30_000), (12_000, 4 * S)),
        [S, 12_000],
    ),
}


def test_each_kind_is_tested_here():
    tested = {kind for entry, _, _ in KINDS.values() for kind in entry} | {"gain", "fade_in", "fade_out"}
    assert tested == set(registry.kinds("stemwright.sources.edits"))


@pytest.mark.parametrize("name", KINDS)
def test_to_the_bit_outside_of_the_crossfades(edited, name):
    entry, expected, joints = KINDS[name]
    out = edited(entry)[: len(expected) + HALF]
    expected = np.concatenate([expected, np.zeros((HALF, 2), np.float32)])
    near = np.zeros(len(expected), bool)
    for joint in joints:
        near[max(0, joint - 2 * HALF) : joint + 2 * HALF] = True  # the 5 ms at a cut end lie within it
    assert np.array_equal(out[~near].astype(np.float32).view(np.uint32), expected[~near].view(np.uint32))
    different = np.flatnonzero((out != expected).any(axis=1))
    for joint in joints:  # and there is a crossfade
        assert np.any(np.abs(different - joint) <= 2 * HALF)


def test_gain_is_a_ramp_between_two_levels(edited):
    out = edited({"gain": {"start": "1 s", "end": "2 s", "gain_db": -6.0, "crossfade": "100 ms"}})[
        : len(CLIP)
    ]
    level = 10 ** (-6 / 20)
    n = np.arange(len(CLIP)) + 0.5
    expected = np.interp(n, [7_600, 8_400, 15_600, 16_400], [1, level, level, 1])
    assert out == pytest.approx(CLIP * expected[:, None], abs=1e-12)
    assert np.array_equal(out[:7_600], CLIP[:7_600]) and np.array_equal(out[16_400:], CLIP[16_400:])


CURVES = {
    "linear": lambda x: x,
    "equal_power": lambda x: np.sin(np.pi / 2 * x),
    "cosine": lambda x: np.sin(np.pi / 2 * x) ** 2,
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("kind", ["fade_in", "fade_out"])
def test_fades_of_a_part(edited, kind, curve):
    out = edited({kind: {"start": "1 s", "end": "2 s", "curve": curve, "crossfade": "0 s"}})[: len(CLIP)]
    level = CURVES[curve]((np.arange(S) + 0.5) / S)[:, None]
    level = level if kind == "fade_in" else level[::-1]
    assert out[S : 2 * S] == pytest.approx(CLIP[S : 2 * S] * level, abs=1e-12)
    assert np.array_equal(out[:S], CLIP[:S]) and np.array_equal(out[2 * S :], CLIP[2 * S :])


@pytest.mark.parametrize("curve", ["linear", "equal_power"])
def test_crossfades_by_their_closed_form(edited, curve):
    """The piece before goes on, the piece after begins early: both with what the recording has there."""
    out = edited({"cut": {"start": "1 s", "end": "2 s", "crossfade": "0.5 s", "curve": curve}})
    x = ((np.arange(4_000) + 0.5) / 4_000)[:, None]
    expected = CLIP[6_000:10_000] * CURVES[curve](1 - x) + CLIP[14_000:18_000] * CURVES[curve](x)
    assert out[6_000:10_000] == pytest.approx(expected, abs=1e-12)
    assert np.array_equal(out[:6_000], CLIP[:6_000])
    assert np.array_equal(out[10_000 : 3 * S], CLIP[18_000:])


@pytest.mark.parametrize(
    "curve, low, high", [("linear", -3.3, -2.7), ("equal_power", -0.3, 0.3)], ids=["linear", "equal_power"]
)
def test_equal_power_keeps_the_power_of_sounds_that_differ(edited, curve, low, high):
    """Half way, two unlike sounds of equal level have the power of one, or half of it."""
    long = noise(12, channels=2)
    out = edited({"cut": {"start": "4 s", "end": "8 s", "crossfade": "4 s", "curve": curve}}, clip=long)
    middle = out[4 * S - 2_000 : 4 * S + 2_000]
    assert low < 10 * np.log10(np.mean(middle**2) / np.mean(long**2)) < high


def test_a_linear_crossfade_of_like_sounds_keeps_their_level(edited):
    tone = 0.5 * np.sin(2 * np.pi * 500 * np.arange(4 * S) / S)[:, None] * np.ones((1, 2))
    out = edited({"cut": {"start": "1 s", "end": "2 s", "crossfade": "1 s", "curve": "linear"}}, clip=tone)
    assert out[: 3 * S] == pytest.approx(tone[: 3 * S], abs=1e-6)  # 500 periods were cut out
