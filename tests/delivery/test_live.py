"""Clicks and cues of a song that moves, against beats in closed form."""

import numpy as np
from moving_song import moving_plan
from moving_times import BEATS
from tempo_maps import change

from stemwright.delivery.beeps import BAR_CLICK, BEAT_CLICK
from stemwright.delivery.live import beeps_of
from stemwright.music.timeline import Duration, TempoMap, Timeline, parse_duration

LEAD = 55_000
COUNTED = [(n % 4 + 1, 5_000 * n) for n in range(11)]
ALL = [*COUNTED, *((beat, LEAD + round(8_000 * at)) for _, beat, at in BEATS)]


def found(tmp_path, kind):
    return list(beeps_of(kind, moving_plan(tmp_path).song.timeline, 2, 8_000))


def test_every_beat_clicks_and_bar_lines_louder(tmp_path):
    expected = [(frame, BAR_CLICK if beat == 1 else BEAT_CLICK) for beat, frame in ALL]
    assert found(tmp_path, "click") == expected


def test_cues_are_in_the_bar_before_each_section_and_tell_it(tmp_path):
    """The pick-up is a section: four beats of the count-in before it. Then the verse, one beat after it began."""
    cues = found(tmp_path, "cues")
    at = [frame for _, frame in ALL]
    assert [frame for frame, _ in cues] == [
        *at[7:11],
        at[11],
        *at[24:28],
    ]  # bar 4 is before the chorus, in bar 5
    pitches = [round(12 * np.log2(kind.hz / 440)) for _, kind in cues]
    assert pitches == [0, 0, 0, 0, 2, 4, 4, 4, 4]


def test_a_song_that_begins_with_its_count_in_has_a_cue_on_each_of_its_beats():
    timeline = Timeline.build(
        8_000, TempoMap([change(1, 120, "4/4")], Duration()), parse_duration("1 bar"), []
    )
    assert [frame for frame, _ in beeps_of("cues", timeline, 1, 8_000)] == [0, 4_000, 8_000, 12_000]
