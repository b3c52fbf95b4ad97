"""What drummers write: flams, drags, rolls, fills and crescendos, by hand-written lists of hits."""

import pytest
from drum_patterns import context, make

SIXTEENTH = 1_000  # frames at 120 BPM and 8 kHz
GRACE = 240  # 30 ms


def hits(source, on=None):
    return sorted(
        (frame, piece, round(127 * velocity)) for frame, piece, velocity in source.hits(on or context())
    )


def test_flams_and_drags():
    played = hits(make({"a": {"snare": "f---F---d---D---"}}))
    main = {"f": 102, "F": 127}
    expected = [(0, "snare", 102)]  # nothing is before the song
    expected += [(4_000 - GRACE, "snare", 70), (4_000, "snare", main["F"])]
    expected += [(8_000 - 2 * GRACE, "snare", 56), (8_000 - GRACE, "snare", 56), (8_000, "snare", 102)]
    expected += [(12_000 - 2 * GRACE, "snare", 70), (12_000 - GRACE, "snare", 70), (12_000, "snare", 127)]
    assert [(f, p, pytest.approx(v, abs=1)) for f, p, v in expected] == played


def test_a_roll_is_in_thirty_seconds_with_a_weak_hand():
    played = hits(make({"a": {"snare": "rr" + "-" * 14}}))
    assert [frame for frame, *_ in played] == [0, 500, 1_000, 1_500]
    strong, weak = played[0][2], played[1][2]
    assert strong == 102 and 80 < weak < strong and [v for *_, v in played] == [strong, weak] * 2
    eighths = hits(make({"a": {"snare": "R" + "-" * 7}}, step="1/8"))
    assert [frame for frame, *_ in eighths] == [0, 500, 1_000, 1_500] and eighths[0][2] == 127


def test_a_roll_fills_a_step_that_swing_makes_longer():
    played = hits(make({"a": {"snare": "rx" + "-" * 14}}, swing=0.75))
    assert [frame for frame, *_ in played] == [0, 750, 1_500]


def test_a_fill_in_every_nth_bar_ends_with_the_bar():
    on = context([("a", "5 bars"), ("b", "2 bars")])
    fills = {"a": {"every": 2, "patterns": {"snare": "xxxx", "tom_low": "--xx"}}}
    played = hits(make({"*": {"kick": "x---"}}, fills=fills), on)
    kicks = [frame // SIXTEENTH for frame, piece, _ in played if piece == "kick"]
    bars = {n // 16 + 1: sorted(k % 16 for k in kicks if k // 16 == n // 16) for n in range(0, 112, 16)}
    whole, cut = [0, 4, 8, 12], [0, 4, 8]
    assert bars == {1: whole, 2: cut, 3: whole, 4: cut, 5: whole, 6: whole, 7: whole}
    assert [f // SIXTEENTH for f, p, _ in played if p == "snare"] == [28, 29, 30, 31, 60, 61, 62, 63]
    assert [f // SIXTEENTH for f, p, _ in played if p == "tom_low"] == [30, 31, 62, 63]


def test_a_pattern_goes_on_after_a_fill_where_it_would_be():
    fills = {"*": {"every": 1, "patterns": {"snare": "xx"}}}
    played = hits(make({"*": {"kick": "x-----------"}}, fills=fills), context([("a", "3 bars")]))
    assert [f // SIXTEENTH for f, p, _ in played if p == "kick"] == [0, 12, 24, 36]


def test_fills_follow_the_meter():
    on = context([("a", "4 bars")], [(1, 120, "3/4"), (3, 120, "4/4")])
    fills = {"a": {"every": 1, "patterns": {"snare": "x"}}}
    played = hits(make({"a": {"kick": "-"}}, fills=fills), on)
    assert [frame // SIXTEENTH for frame, *_ in played] == [11, 23, 39, 55]


def test_a_crescendo_is_linear_over_its_section():
    points = [
        {"at": "a", "value": 1.0},
        {"at": "b", "value": 0.2, "curve": "step"},
        {"at": "b + 1 bar", "value": 1.0},
    ]
    on = context([("a", "1 bar"), ("b", "1 bar")])
    played = hits(
        make({"*": {"snare": "X---"}}, dynamics=points),
        on,
    )
    assert [v for *_, v in played] == [127] * 4 + [round(127 * (0.2 + 0.8 * n / 4)) for n in range(4)]


def test_a_crescendo_to_a_section_that_there_is_not():
    source = make({"*": {"snare": "X---"}}, dynamics=[{"at": "b", "value": 0.2}])
    assert [where for where, _ in source.problems(context([("a", "1 bar")]))] == [("dynamics", 0, "at")]


def test_sections_that_are_named():
    source = make(
        {"a": {"kick": "x"}},
        fills={"b": {"every": 1, "patterns": {"kick": "x"}}},
    )
    assert source.sections() == [(("patterns", "a"), "a"), (("fills", "b"), "b")]
