"""Our own kit as an instrument: takes in turns, at the level of each hit, on its frame."""

from itertools import pairwise

import numpy as np
import pytest

from stemwright.base.errors import StemwrightError
from stemwright.instruments import Note
from stemwright.instruments.drum_kit import DrumKit
from stemwright.music.render_context import RenderContext

RATE = 8_000


def struck(count=8, key=38, velocity=0.8, channels=2, seed="kit", **keys):
    context = RenderContext(RATE, channels, RATE, seed)
    notes = [Note(n * 1_000, 10 * RATE, float(key), velocity) for n in range(count)]
    return list(DrumKit(**keys).sounds(notes, context))


def test_no_take_is_played_twice_in_a_row_and_all_are_played():
    sounds = [sound.tobytes() for _, sound in struck(40)]
    assert all(one != other for one, other in pairwise(sounds))
    assert len(set(sounds)) == 6
    assert sounds == [sound.tobytes() for _, sound in struck(40)]
    assert sounds != [sound.tobytes() for _, sound in struck(40, seed="other")]
    assert len({sound.tobytes() for _, sound in struck(8, variation=0.0)}) == 1


@pytest.mark.parametrize("velocity", [1 / 127, 0.3, 0.8, 1.0])
def test_levels_follow_the_square_of_the_velocity(velocity):
    ((frame, sound),) = struck(1, velocity=velocity, channels=1, room=0.0)
    assert frame == 0
    assert np.max(np.abs(sound)) == pytest.approx(velocity**2 * 10 ** (-7 / 20))


def test_a_hit_with_a_room_begins_on_its_frame_as_without():
    (_, dry), (_, wet) = (struck(1, room=room)[0] for room in (0.0, 1.0))
    assert wet[:15] == pytest.approx(dry[:15], abs=0.02)  # the room begins 3 ms later
    assert len(wet) > len(dry) and np.abs(wet[-1]).max() < 1e-4


def test_a_key_that_it_has_not():
    with pytest.raises(StemwrightError, match="has no MIDI key 63; it has 36 kick, 37 rim"):
        struck(1, key=63)


def test_a_closed_hat_ends_an_open_one_where_a_midi_file_plays_them():
    context = RenderContext(RATE, 1, RATE, "kit")
    kit = DrumKit(variation=0.0, room=0.0)
    alone, closed, both = (
        np.concatenate(list(kit.play([Note(*at, 0.8) for at in notes], context)))
        for notes in ([(0, 9, 46.0)], [(2_000, 9, 42.0)], [(0, 9, 46.0), (2_000, 9, 42.0)])
    )
    ended = both - closed
    assert np.array_equal(ended[:2_000], alone[:2_000]) and alone[2_200:].any()
    assert not ended[2_000 + 96 :].any()
