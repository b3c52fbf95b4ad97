"""Which hit chokes which."""

import numpy as np

from stemwright.instruments.dsp.chokes import choke, choke_frames


def test_the_next_hit_that_chokes_it_however_many_begin_with_it():
    hits = [(0, "h", ""), (10, "o", "h"), (10, "h", ""), (10, "h", ""), (15, "x", ""), (20, "h", "o")]
    assert choke_frames(hits) == [None, 20, None, None, None, None]
    assert choke_frames([(0, "o", "o"), (5, "o", "o"), (9, "o", "o")]) == [5, 9, None]


def test_what_is_not_choked_or_ends_before_stays():
    sound = np.ones((100, 1))
    assert choke(sound, 50, None, 1_000) is choke(sound, 50, 150, 1_000) is sound
    assert choke(sound, 50, 100, 1_000).shape == (62, 1)
