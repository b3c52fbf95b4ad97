"""Timeline: the bars, beats and sections in the document of the timeline are consistent and correctly placed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.gates._base import Check, Gate, Status, Subject
from stemwright.music.timeline import parse_bpm, parse_time_signature


@dataclass(frozen=True)
class Timeline(Gate):
    """Sections fill the song without gap or overlap, and every beat is there, at most half a frame off.

    The beats are computed again by summing exact lengths of beats, independently of the code that placed them.

    Source: half a frame is the error of rounding to a frame. Remedy: the next run makes the file again.
    """

    stages = ("timeline",)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        expected = subject.format["frames"]
        try:
            document = read_json(subject.path)
            frames, rate = document["frames"], document["sample_rate"]
            tail = document.get("tail_frames", 0)
            gaps, found = _gaps(document["sections"], frames - tail), len(document["beats"])
            computed = _computed_beats(document["tempo"], rate, expected - tail)
            due, in_order, worst = _compare(document["beats"], computed)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StemwrightError(f"{subject.path}: is not a timeline ({error!r})") from None

        def status(holds: bool) -> Status:
            return "pass" if holds else self.failed()

        again = "the next run makes it again"
        half = Fraction(1, 2)
        return [
            Check(
                "timeline.frames",
                status(frames == expected),
                frames,
                "frames",
                f"= {expected:,}",
                remedy=again,
            ),
            Check("timeline.sections", status(not gaps), len(gaps), "gaps", "= 0", remedy="; ".join(gaps)),
            Check(
                "timeline.count",
                status(in_order),
                found,
                "beats",
                f"= {due:,}, in order",
                remedy=again,
            ),
            Check(
                "timeline.beats",
                status(worst <= half),
                float(worst),
                "frames off",
                "<= 0.5, the worst",
                remedy=again,
            ),
        ]


def _compare(
    beats: Sequence[dict], computed: Iterator[tuple[int, int, Fraction]]
) -> tuple[int, bool, Fraction]:
    """Compare the beats of a document with the computed ones, one by one.

    Parameters
    ----------
    beats
        Bar, beat and frame of each beat of the document.
    computed
        (bar, beat, exact position in frames) of each beat that is due.

    Returns
    -------
    due : int
        The number of beats that are due.
    in_order : bool
        Whether these are the beats of the document.
    worst : Fraction
        The greatest distance of a beat from its position, in frames.
    """
    due, in_order, worst = 0, True, Fraction(0)
    for due, (bar, number, place) in enumerate(computed, 1):
        if due <= len(beats):
            beat = beats[due - 1]
            in_order = in_order and (beat["bar"], beat["beat"]) == (bar, number)
            worst = max(worst, abs(beat["frame"] - place))
    return due, in_order and due == len(beats), worst


def _computed_beats(tempo: Sequence[dict], rate: int, frames: int) -> Iterator[tuple[int, int, Fraction]]:
    """Yield (bar, beat, exact position in frames) of every beat whose rounded position is in the song."""
    if rate < 1:
        raise ValueError(f"a sample rate of {rate}")
    changes = {change["bar"]: change for change in tempo}
    change, place = changes[1], Fraction(0)
    for bar in count(1):
        change = changes.get(bar, change)
        meter = parse_time_signature(change["meter"])
        beat_frames = 60 / parse_bpm(change["bpm"]) * Fraction(4, meter.denominator) * rate
        for beat in range(1, meter.numerator + 1):
            if place >= frames - Fraction(1, 2):
                return
            yield bar, beat, place
            place += beat_frames


def _gaps(sections: Sequence[dict], frames: int) -> list[str]:
    """Messages about gaps and overlaps of sections, and about an end that is not that of the song."""
    at, gaps = 0, []
    for section in sections:
        if section["start_frame"] != at or section["end_frame"] <= at:
            gaps.append(f"section {section['name']} begins at frame {section['start_frame']}, expected {at}")
        at = section["end_frame"]
    if sections and at != frames:
        gaps.append(f"the last section ends at frame {at}, the song at {frames}")
    return gaps
