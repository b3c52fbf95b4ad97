"""Notes that move by themselves: which of them share a channel, and vibrato on top of bends."""

import numpy as np
import pytest

from stemwright.music.controls import Bend, Controls, Depth
from stemwright.music.expression import Channels, Motion, with_vibrato


def test_notes_share_a_channel_half_a_second_after_the_end_of_the_one_before():
    channels = Channels(1_000)
    starts = (0, 599, 600, 1_300)
    assert [channels.add(Motion(bend=2.0), start, 100) for start in starts] == [0, 1, 0, 0]
    first, second = channels.controls()
    assert {bend.at // 100 for bend in second.bends} == {5, 6}
    assert [bend.at for bend in first.bends] == sorted(bend.at for bend in first.bends)


def test_vibrato_is_added_to_bends_while_it_lasts():
    written = Controls((Bend(0, 0.0), Bend(300, 2.0)), depths=(Depth(200, 0.5), Depth(600, 0.0)))
    found = with_vibrato(written, 1_000, 1_000)
    assert not found.depths
    at = np.array([bend.at for bend in found.bends])
    here = np.where((at >= 200) & (at < 600), 0.5 * np.sin(2 * np.pi * 5.5 * (at + 1) / 1_000), 0.0)
    assert [bend.semitones for bend in found.bends] == pytest.approx(
        list(here + np.where(at >= 300, 2.0, 0.0))
    )
    assert list(at) == [0, *range(200, 601, 2)]
