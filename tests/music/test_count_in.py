"""Count-ins: whole bars before the song, against beats in closed form."""

import pytest
from moving_song import moving_plan
from moving_times import BEATS
from tempo_maps import change

from stemwright.music.count_in import CountIn, count_in_bars
from stemwright.music.timeline import TempoMap, parse_duration


def test_the_beats_of_a_song_that_moves(tmp_path):
    """Before a pick-up of one beat in 4/4: two bars and three beats, each of 0.625 s."""
    timeline = moving_plan(tmp_path).song.timeline
    found = list(CountIn(timeline.tempo, 2).beats(timeline, 8_000))
    before = [(-2, 1), (-2, 2), (-2, 3), (-2, 4), (-1, 1), (-1, 2), (-1, 3), (-1, 4), (0, 1), (0, 2), (0, 3)]
    expected = [(bar, beat, 5_000 * n) for n, (bar, beat) in enumerate(before)]
    expected += [(bar, beat, 55_000 + round(8_000 * at)) for bar, beat, at in BEATS]
    assert [(each.bar, each.beat, each.frame) for each in found] == expected
    assert [each.beats for each in found if each.beat == 1] == [4] * 7 + [7, 3, 3, 3, 3]


@pytest.mark.parametrize(
    "meter, pickup, bars, seconds, first",
    [
        ("4/4", "0 s", 1, 2, (0, 1)),
        ("6/8", "1/8", 1, 3 * 0.5 * 2 - 0.25, (-1, 1)),
        ("3+2+2/8", "0 s", 2, 3.5, (-1, 1)),
        ("3/4", "2 beats", 0, 0, (0, 2)),
    ],
)
def test_its_length_and_its_first_beat(tmp_path, meter, pickup, bars, seconds, first):
    tempo = TempoMap([change(1, 120, meter)], parse_duration(pickup))
    timeline = moving_plan(tmp_path).song.timeline
    count_in = CountIn(tempo, bars)
    assert float(count_in.seconds) == seconds and count_in.frames(8_000) == 8_000 * seconds
    beat = next(count_in.beats(timeline, 8_000))
    assert (beat.bar, beat.beat, beat.frame) == (*first, 0)


@pytest.mark.parametrize("text, bars", [("2 bars", 2), ("1 bar", 1), ("0 bars", 0), ("16 bars", 16)])
def test_whole_bars_are_read(text, bars):
    assert count_in_bars(text) == bars


@pytest.mark.parametrize("text", ["2 beats", "1.5 bars", "17 bars", "2 s", "two", 2, None, "1 bar + 1 beat"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"must be whole bars, such as 2 bars, at most 16 \(is "):
        count_in_bars(text)
