"""What holds for all sources: blocks, and silence outside of the sections asked for."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soundfile as sf
from rendering import noise, on, rendered, rounded, timeline

from stemwright.audio import reader, spool, stream
from stemwright.sources import tone as tone_module


@pytest.fixture
def small_blocks(monkeypatch):
    """Everything in blocks of so many frames, from now on."""

    def use(size):
        for module in (stream, reader, tone_module):
            monkeypatch.setattr(module, "BLOCK", size)
        monkeypatch.setattr(spool.Spool.blocks, "__defaults__", (size,))

    return use


# --- audio files ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1_000, 777, 20_000])
@pytest.mark.parametrize(
    "entry",
    [
        {"tone": {"note": "A4"}},
        {"audio": {"file": "clip.wav", "at": "bar 2", "start": "0.1 s", "loop_bars": 1, "fade_in": "1 s"}},
    ],
    ids=["tone", "audio"],
)
def test_blocks_do_not_matter(tmp_path, small_blocks, entry, size):
    sf.write(tmp_path / "clip.wav", noise(1, 44_100, 2), 44_100, "FLOAT")
    line = timeline(22_050, bpm=133, sections=[("a", "2 bars"), ("b", "2 bars")])
    context = on(line, 2, file=tmp_path / "clip.wav")
    before = rendered(entry, context, ["b"])
    small_blocks(size)
    assert np.array_equal(rendered(entry, context, ["b"]), before)


# --- only in some sections --------------------------------------------------------------------


def test_only_in_sections():
    line = timeline(
        bpm=97, sections=[("a", "1 bar"), ("b", "2 bars"), ("c", "1 bar"), ("b", "1 bar"), ("d", "3 beats")]
    )
    entry = {"tone": {"note": "A4"}}
    all_over, out = rendered(entry, on(line)), rendered(entry, on(line), ["b"])
    assert out.shape == all_over.shape == (line.frames, 1)
    edges = [rounded(Fraction(240 * bars, 97)) for bars in (1, 3, 4, 5)]
    inside = [np.arange(edges[0], edges[1]), np.arange(edges[2], edges[3])]
    outside = np.setdiff1d(np.arange(line.frames), np.concatenate(inside))
    assert not out[outside].any()
    for span in inside:  # 2 ms in and 10 ms out
        assert np.array_equal(out[span[16:-80]], all_over[span[16:-80]])
        assert abs(out[span[0], 0]) < 0.01 and abs(out[span[-1], 0]) < 0.01
        assert np.all(np.abs(out[span]) <= np.abs(all_over[span]))


def test_neighbouring_sections_have_no_seam():
    line = timeline(sections=[("a", "1 bar"), ("b", "1 bar"), ("c", "1 bar")])
    entry = {"tone": {"note": "A4"}}
    all_over, out = rendered(entry, on(line)), rendered(entry, on(line), ["b", "a"])
    assert np.array_equal(out[16 : 32_000 - 80], all_over[16 : 32_000 - 80])


def test_a_section_that_there_is_not():
    with pytest.raises(ValueError, match="no section named x; the song has a"):
        rendered({"tone": {"note": "A4"}}, on(timeline(sections=[("a", "1 bar")])), ["x"])
