"""Warping: the times of a recording tied to positions of the song, or its onsets moved to a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Annotated

import numpy as np

from stemwright.audio import reblock
from stemwright.audio.time_stretch import MAX_RATIO, MIN_RATIO
from stemwright.measure.onsets import Onsets
from stemwright.music.parts._base import parse_step
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Duration, Section, TempoMap, Timeline, parse_position
from stemwright.sources._clip import parse_seconds, seconds, song_seconds
from stemwright.validation.fields import Configurable, Field

_LEAST, _MOST = 0.5, 2.0  # the ratios between two onsets that are both moved
_TREND = 0.5  # how far the drift that is expected at an onset follows that of the one before

Mark = tuple[float, float]
"""A frame of a clip, and the frame of the song on which it comes to lie."""


def _parse_note_length(text: object) -> Duration:
    if (length := parse_step(text)).notes < Fraction(1, 64):
        raise ValueError(f"must be a note length of 1/64 or more, such as 1/16 (is {text!r})")
    return length


@dataclass(frozen=True)
class Marker(Configurable):
    """A time of the recording, and the position of the song to which it is moved."""

    file: Annotated[str, Field("Time in the recording.", parse=parse_seconds)]
    at: Annotated[str, Field("Position in the song.", parse=parse_position)]


@dataclass(frozen=True)
class Quantise(Configurable):
    """Onsets moved to a grid."""

    to: Annotated[
        str, Field("The grid: a note length, counted from each bar line.", parse=_parse_note_length)
    ]
    strength: Annotated[float, Field("How much of the way an onset is moved.", ge=0, le=1)] = 1.0
    max_ms: Annotated[
        float,
        Field(
            "How far an onset's line may be; one that is further from it moves like its neighbours.",
            "ms",
            gt=0,
            le=1_000,
        ),
    ] = 150.0


@dataclass(frozen=True)
class Warp(Configurable):
    """Time-stretching without a change of pitch, by `markers` or by `quantise`.

    Markers say where the recording is in the song. Between two, it is stretched evenly, to 0.25 to 4 times its length;
    before the first and after the last, as next to them; with a single one, not at all.

    `quantise` finds onsets and moves them, and with them what lies between. A drift is followed: the line of an onset
    is the one nearest to where it would be if it drifted like the onsets before.
    """

    markers: (
        Annotated[
            list[Annotated[Marker, Field("A marker.")]],
            Field("Times of the recording and their positions in the song, both ascending.", min_length=1),
        ]
        | None
    ) = None
    quantise: Annotated[Quantise, Field("Moves the onsets of the recording to a grid.")] | None = None

    def __post_init__(self) -> None:
        if (self.markers is None) == (self.quantise is None):
            raise ValueError("must have either markers or quantise")
        if isinstance(self.quantise, dict):  # in a job, whose keys are plain data
            object.__setattr__(self, "quantise", Quantise(**self.quantise))
        if self.markers is not None:
            made = [Marker(**marker) if isinstance(marker, dict) else marker for marker in self.markers]
            object.__setattr__(self, "markers", made)

    @property
    def needs_timeline(self) -> bool:
        """Whether it depends on tempo or meter."""
        return self.quantise is not None or any(parse_position(m.at).is_musical for m in self.markers or [])

    def counts_bars(self, section: Section, tempo: TempoMap, start: Fraction) -> bool:
        """Whether it depends on the bars and beats of a section.

        Parameters
        ----------
        section : Section
            The section.
        tempo : TempoMap
            The tempo map of the song.
        start : Fraction
            Where the recording begins, in quarters.

        Returns
        -------
        bool
        """
        if self.markers is None:
            return start < section.end
        places = [parse_position(marker.at) for marker in self.markers]
        return any(section.start <= tempo.locate(at) < section.end for at in places if at.is_musical)

    def problems(self, context: RenderContext, semitones: float = 0.0) -> Iterator[tuple[tuple, str]]:
        """Find the markers that are wrong, each with its place in the keys and a message.

        A change of pitch in semitones is made by a stretch, too.
        """
        pitch = 2 ** (semitones / 12)
        places = []
        for index, marker in enumerate(self.markers or []):
            try:
                places.append((seconds(marker.file), marker.at, song_seconds(marker.at, context)))
            except ValueError as error:  # a beat that its bar does not have
                yield ("markers", index, "at"), str(error)
                return
        for index, ((file, _, song), (later, at, goal)) in enumerate(pairwise(places), 1):
            where = ("markers", index)
            last = f"at {float(file):g} s in the file and {float(song):.3f} s in the song"
            before = f"must come after the marker before, {last}"
            if later <= file:
                yield (*where, "file"), f"{before} (is {float(later):g} s)"
            elif goal <= song:
                yield (*where, "at"), f"{before} (is {at!r}, {float(goal):.3f} s)"
            elif not MIN_RATIO <= (ratio := float((goal - song) / (later - file)) * pitch) <= MAX_RATIO:
                also = f", and times {pitch:.3g} for the pitch" if semitones else ""
                span = (
                    f"{float(later - file):g} s of the file in {float(goal - song):.3f} s of the song{also}"
                )
                yield (
                    where,
                    f"must be a stretch of {MIN_RATIO:g} to {MAX_RATIO:g} times (is {ratio:.3g}: {span})",
                )

    def beyond(self, end: Fraction) -> Iterator[tuple[tuple, str]]:
        """Find the markers beyond the end of the recording, which is at a time in s."""
        for index, marker in enumerate(self.markers or []):
            if seconds(marker.file) > end:
                yield (
                    ("warp", "markers", index, "file"),
                    f"must not lie beyond the end of the recording at {float(end):.3f} s (is {marker.file!r})",
                )

    def marks(
        self, samples: np.ndarray, start: Fraction, offset: Fraction, context: RenderContext
    ) -> list[Mark]:
        """Where a clip's frames come to lie.

        Parameters
        ----------
        samples : numpy.ndarray
            The clip, of shape (frames, channels).
        start : Fraction
            Where it begins in the song, in s; counts for `quantise` only.
        offset : Fraction
            Where it begins in the recording, in s; counts for `markers` only.
        context : RenderContext
            With the timeline.

        Returns
        -------
        list of tuple of (float, float)
            (frame of the clip, frame of the song), ascending, from the clip's first frame to its end.
        """
        if self.quantise is not None:
            inner = _quantised(self.quantise, samples, start, context)
            first = last = 1.0
        else:
            inner = [
                (
                    float((seconds(m.file) - offset) * context.rate),
                    float(song_seconds(m.at, context) * context.rate),
                )
                for m in self.markers or []
            ]
            slopes = [(y - b) / (x - a) for (a, b), (x, y) in pairwise(inner)] or [1.0]
            first, last = slopes[0], slopes[-1]
        (a, b), (x, y) = inner[0], inner[-1]

        def place(frame: float) -> float:
            if a <= frame <= x:
                return float(np.interp(frame, [mark[0] for mark in inner], [mark[1] for mark in inner]))
            return b + first * (frame - a) if frame < a else y + last * (frame - x)

        end = float(len(samples))
        return [(0.0, place(0.0)), *(mark for mark in inner if 0 < mark[0] < end), (end, place(end))]


def _quantised(keys: Quantise, samples: np.ndarray, start: Fraction, context: RenderContext) -> list[Mark]:
    """The onsets that are moved, and where to; the clip's start as it is, if there is none."""
    rate, timeline = context.rate, context.required_timeline()
    onsets = Onsets()
    onsets.start(rate, samples.shape[1])
    for block in reblock([samples]):
        onsets.feed(block)
    step, begin = 4 * _parse_note_length(keys.to).notes, float(start)
    marks: list[Mark] = []
    drift, furthest = 0.0, 0.0
    for onset in onsets.seconds.tolist():
        move = _line(timeline, step, begin + onset + drift) - (begin + onset)
        goal = (begin + onset + keys.strength * move) * rate
        if abs(move) * 1000 > keys.max_ms:
            continue
        frame = onset * rate
        if marks and not _LEAST < (goal - marks[-1][1]) / max(frame - marks[-1][0], 1.0) < _MOST:
            continue
        drift += _TREND * (move - drift)
        furthest = max(furthest, abs(keys.strength * move))
        marks.append((frame, goal))
    print(f"quantised: {len(marks)} of {len(onsets.seconds)} onsets moved, by up to {1000 * furthest:.0f} ms")
    return marks or [(0.0, begin * rate)]


def _line(timeline: Timeline, step: Fraction, second: float) -> float:
    """The second of the grid line nearest to a second of the song."""
    tempo = timeline.tempo
    place = tempo.quarters(max(Fraction(second), Fraction(0)))
    bar, _ = tempo.bar_beat(place)
    line, following = tempo.bar_line(bar), tempo.bar_line(bar + 1)
    below = line + (place - line) // step * step
    lines = [float(tempo.seconds(at)) for at in (below, min(below + step, following))]
    return min(lines, key=lambda at: abs(at - second))
