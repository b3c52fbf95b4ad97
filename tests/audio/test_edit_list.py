"""Edit lists: any stretch of one, from whatever its pieces are read from."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
import soxr

from stemwright.audio import AudioFile, edit_list
from stemwright.audio.edit_list import EditList, Joint, Piece, Take

PIECES = [
    Piece(300, "a", 100),
    Piece(200, "b", 50, gain=0.5),
    Piece(150),
    Piece(250, "a", 700, reverse=True),
    Piece(100, "a", 0, fade="out", curve="linear"),
]
JOINTS = [Joint(50, "linear"), Joint(75, "equal_power"), Joint(0), Joint(20, "linear")]


@pytest.fixture
def opened(tmp_path):
    rng = np.random.default_rng(1)
    with AudioFile(write(tmp_path / "a.wav", rng)) as a, AudioFile(write(tmp_path / "b.wav", rng)) as b:
        yield {"a": a, "b": b}


def write(path, rng, rate=8_000):
    sf.write(path, rng.uniform(-1, 1, (1_000, 2)), rate, "DOUBLE")
    return path


def whole(files):
    """The same by hand: each piece between the middles of its joints, and the crossfades over it."""
    a, b = (np.pad(files[name].read(), ((100, 100), (0, 0))) for name in "ab")  # silence before and after
    out = np.zeros((1_000, 2))
    up = ((np.arange(100) + 0.5) / 100)[:, None]
    out[:250] = a[200:450]
    out[250:350] = a[450:550] * (1 - up) + b[100:200] * 0.5 * up
    out[350:425] = b[200:275] * 0.5
    down = np.cos(np.pi / 2 * (np.arange(150) + 0.5) / 150)[:, None]
    out[425:575] = b[275:425] * 0.5 * down
    out[650:880] = a[820:1_050][::-1]
    x = ((np.arange(40) + 0.5) / 40)[:, None]
    fade = np.clip(1 - (np.arange(-20, 100) + 0.5) / 100, 0, 1)[:, None]
    out[880:920] = a[780:820][::-1] * (1 - x) + a[80:120] * np.minimum(1, fade[:40]) * x
    out[920:] = a[120:200] * fade[40:]
    return out


def test_any_stretch_of_it(opened):
    edited = EditList(PIECES, JOINTS, {n: Take(f, 8_000, 2, (0, 1_000)) for n, f in opened.items()}, 8_000, 2)
    expected = whole(opened)
    assert edited.frames == len(expected) == 1_000
    assert np.concatenate(list(edited.blocks())) == pytest.approx(expected, abs=1e-12)
    for start, frames in [(0, 1), (200, 300), (300, 20), (640, 250), (999, 1)]:
        stretch = np.concatenate(list(edited.blocks(start, frames)))
        assert stretch == pytest.approx(expected[start : start + frames], abs=1e-12)


@pytest.mark.parametrize("rate, used", [(11_025, (0, 1_378)), (11_025, (300, 700)), (4_000, (10, 400))])
def test_a_take_at_another_rate_is_read_from_anywhere(opened, monkeypatch, rate, used):
    monkeypatch.setattr(edit_list, "RESAMPLER_MARGIN", 200)  # of the resampler's filter, at these rates
    take = Take(opened["a"], rate, 2, used)
    expected = soxr.resample(opened["a"].read(), 8_000, rate, "VHQ")
    found = np.concatenate(list(take.blocks(used[0], used[1] - used[0])))
    assert found == pytest.approx(expected[slice(*used)], abs=1e-6)


def test_before_and_after_a_take_is_silence(opened):
    take = Take(opened["a"], 8_000, 1, (0, 1_000))
    heard = np.concatenate(list(take.blocks(-30, 1_050)))
    assert heard.shape == (1_050, 1) and not heard[:30].any() and not heard[1_030:].any()
    assert heard[30:1_030, 0] == pytest.approx(opened["a"].read().mean(axis=1))
    assert [len(block) for block in take.blocks(2_000, 5)] == [5]
    assert [len(block) for block in take.blocks(-9, 5)] == [5]
