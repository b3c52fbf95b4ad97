"""Labels for Audacity, read by a split at tabs, against beats in closed form."""

from fractions import Fraction

import pytest
from moving_song import moving_plan
from moving_times import BAR_2, BAR_4, BAR_5, BAR_6, BAR_8, END, SECTIONS
from tempo_maps import timeline

from stemwright.delivery.labels import labels_text

CHANGES = [
    (0.0, "96 BPM, 4/4"),
    (BAR_2, "ramp to 140 BPM"),
    (BAR_4, "140 BPM"),
    (BAR_5, "7/8"),
    (BAR_6, "150 BPM, 3/4, ramp to 60 BPM"),
    (BAR_8, "100 BPM"),
    (BAR_8 + 1.2, "hold 1.5 s"),
]
TITLES = ["intro", "it's \"<&> `x` é", "chorus"]


def read(text):
    rows = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    return [(float(start), float(end), text) for start, end, text in rows]


def labels(song, chords=(), **keys):
    return read(labels_text(song.timeline, song.section_titles, chords, **keys))


@pytest.mark.parametrize("bars, lead", [(0, 0), (2, 6.875)])
def test_sections_are_regions_and_changes_are_points(tmp_path, bars, lead):
    found = labels(moving_plan(tmp_path).song, bars=bars)
    regions = [label for label in found if label[1] > label[0]]
    if bars:
        assert regions.pop(0) == (0, lead, "count-in of 2 bars")
    assert [text for *_, text in regions] == TITLES
    edges = [*SECTIONS, END]
    assert [start - lead for start, *_ in regions] == pytest.approx(edges[:-1], abs=1e-4)
    assert [end - lead for _, end, _ in regions] == pytest.approx(edges[1:], abs=1e-4)
    points = [(start, text) for start, end, text in found if start == end]
    assert [text for _, text in points] == [text for _, text in CHANGES]
    assert [at - lead for at, _ in points] == pytest.approx([at for at, _ in CHANGES], abs=1e-4)
    assert [start for start, *_ in found] == sorted(start for start, *_ in found)


def test_chords_are_points_among_the_others(tmp_path):
    found = labels(moving_plan(tmp_path).song, [(Fraction(1), "Am7"), (Fraction(5), "F♯m7♭5")])
    assert [label for label in found if "m7" in label[2]] == [(0.625, 0.625, "Am7"), (3.125, 3.125, "F♯m7♭5")]


def test_a_song_without_tempo_has_sections_alone():
    song = timeline(("a", "1 s"), ("b", "2.5 s"), rate=8_000)
    assert read(labels_text(song, ["A", "B"], [], has_tempo=False)) == [(0, 1, "A"), (1, 3.5, "B")]
