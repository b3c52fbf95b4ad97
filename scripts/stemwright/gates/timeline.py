"""Timeline: the bars, beats and sections in the document of the timeline are consistent and correctly placed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import read_json
from stemwright.gates._base import Check, Gate, Status, Subject
from stemwright.music.timeline import parse_beat, parse_bpm, parse_time_signature

_SERIES_FRAMES = Fraction(1, 10**6)
"""How exact the time of a beat after ramps is here, in frames."""


@dataclass(frozen=True)
class Timeline(Gate):
    """Sections fill the song without gap or overlap, and every beat is there, at most half a frame off.

    The beats are computed again by summing lengths of beats, independently of the code that placed them; in a ramp, by
    a series in place of its logarithm, or the mean of the tempi at both ends of a part of a beat.

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
            computed = _computed_beats(document, rate, expected - tail)
            due, in_order, worst = _compare(document["beats"], computed)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StemwrightError(f"{subject.path}: is not a timeline ({error!r})") from None

        def status(holds: bool) -> Status:
            return "pass" if holds else self.failed()

        again = "the next run makes it again"
        half = Fraction(1, 2) + _SERIES_FRAMES
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


def _computed_beats(document: dict, rate: int, frames: int) -> Iterator[tuple[int, int, Fraction]]:
    """Yield (bar, beat, exact position in frames) of every beat whose rounded position is in the song."""
    if rate < 1:
        raise ValueError(f"a sample rate of {rate}")
    passages, pickup = document["tempo"], Fraction(document.get("pickup", 0))
    if not passages:
        raise ValueError("no tempo")
    meters = {
        max(1, passage["bar"]): passage for passage in passages
    }  # the last of a bar, whose meter is its own
    clock, beats = _Clock(passages, document.get("holds", ()), pickup), _beat_lengths(passages[0])
    at = pickup - sum(beats) if pickup else Fraction(0)
    for bar in count(0 if pickup else 1):
        if bar in meters:
            beats = _beat_lengths(meters[bar])
        for beat, length in enumerate(beats, 1):
            if at >= 0:
                place = clock.advance(at) * rate
                if place >= frames - Fraction(1, 2):
                    return
                yield bar, beat, place
            at += length


def _beat_lengths(passage: dict) -> list[Fraction]:
    """The beats of a bar in quarters: its groups, or notes of its unit or of its denominator."""
    meter, unit = parse_time_signature(passage["meter"]), passage.get("unit")
    note = Fraction(4, meter.denominator)
    if meter.groups:
        return [group * note for group in meter.groups]
    beat = parse_beat(unit) if unit else note
    return [beat] * int(meter.numerator * note / beat)


class _Clock:
    """The time in seconds of rising positions in quarters: from each to the next, by the tempo between them."""

    def __init__(self, passages: Sequence[dict], holds: Sequence[dict], pickup: Fraction):
        self._passages, self._holds = (
            [(_quarter(entry, passages, pickup), entry) for entry in entries] for entries in (passages, holds)
        )
        self._at = self._second = Fraction(0)

    def advance(self, quarter: Fraction) -> Fraction:
        """The time of a position."""
        while self._at < quarter:
            while len(self._passages) > 1 and self._passages[1][0] <= self._at:
                self._passages.pop(0)
            begin, passage = self._passages[0]
            stops = [quarter, *(at for at, _ in self._passages[1:2]), *(at for at, _ in self._holds[:1])]
            stop = min(at for at in stops if at > self._at)
            if self._holds and self._holds[0][0] == self._at:
                self._second += Fraction(self._holds.pop(0)[1]["held"])
            self._second += _seconds(passage, self._at - begin, stop - begin)
            self._at = stop
        return self._second


def _quarter(entry: dict, passages: Sequence[dict], pickup: Fraction) -> Fraction:
    """The position in quarters of an entry of the document, from its bar and beat."""
    line, bar, beats = pickup, 1, _beat_lengths(passages[0])
    for passage in passages:
        if 1 < passage["bar"] <= entry["bar"]:
            line += (passage["bar"] - bar) * sum(beats)
            bar, beats = passage["bar"], _beat_lengths(passage)
    line += (entry["bar"] - bar) * sum(beats)
    whole, part = divmod(Fraction(entry.get("beat", 1)) - 1, 1)
    return line + sum(beats[:whole]) + (part * beats[whole] if part else 0)


def _seconds(passage: dict, begin: Fraction, end: Fraction) -> Fraction:
    """The time from one place of a passage to another, in quarters from its start."""
    unit = parse_beat(passage["unit"]) if "unit" in passage else Fraction(1)
    bpm, ramp = parse_bpm(passage["bpm"]) * unit, passage.get("ramp")
    if ramp is None:
        return (end - begin) * 60 / bpm
    to, part = parse_bpm(ramp["to"]) * unit, [at / Fraction(ramp["quarters"]) for at in (begin, end)]
    if ramp["curve"] == "time":  # the mean of two tempi is that of the time between them
        first, last = (_root(bpm**2 + (to**2 - bpm**2) * x) for x in part)
        return 120 * (end - begin) / (first + last)
    first, last = (bpm + (to - bpm) * x for x in part)
    z = float((last - first) / (last + first))  # ln(last / first) = 2 (z + z³ / 3 + z⁵ / 5 + …)
    terms = sum(z ** (2 * k) / (2 * k + 1) for k in range(1, 40 if abs(z) < 0.5 else 4000))
    return 120 * (end - begin) / (first + last) * (1 + Fraction(terms))


def _root(value: Fraction) -> Fraction:
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return root if root**2 == value else Fraction(math.sqrt(value))


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
