"""Chapters: as mp4chaps and Podlove read them."""

from stemwright.delivery.manifest import chapters


def test_a_line_for_each_with_milliseconds():
    marks = [(0.0, "Hello"), (62.5, "Anna: a talk"), (3599.9996, "Tail"), (90_061.0, "Über den Tag")]
    assert chapters(marks).splitlines() == [
        "00:00:00.000 Hello",
        "00:01:02.500 Anna: a talk",
        "01:00:00.000 Tail",
        "25:01:01.000 Über den Tag",
    ]
    assert chapters([]) == ""
