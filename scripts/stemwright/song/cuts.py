"""Cuts: of which passages of the song a version is made, and where they stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stemwright.music.timeline import (
    Ramp,
    Section,
    TempoChange,
    TempoMap,
    Timeline,
    TimeSignature,
    parse_duration,
)
from stemwright.music.timeline.values import NO_LENGTH, Duration, round_half_up
from stemwright.song.checks import LONGEST_HOURS
from stemwright.song.versions import Version, parse_passage
from stemwright.validation.problems import did_you_mean

_FADE_S, _DECLICK_S = Fraction(1), Fraction(1, 100)


class CutError(ValueError):
    """Keys of a version that contradict each other or the song. `path` is that of the key below the version."""

    def __init__(self, path: tuple, message: str):
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Passage:
    """A part of the song, from `start` to `end` in quarters, and `start_frame` to `end_frame` (exclusive) in frames."""

    start: Fraction
    end: Fraction
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Cut:
    """How a version is cut from the song.

    Attributes
    ----------
    slices : sequence of Passage
        The passages that it is made of, in order; those that follow each other in the song are one. Empty for a version
        that is as long as the song, or its beginning.
    timeline : Timeline
        Its own timeline, with its length and its sections.
    song : Timeline
        The timeline of its song, in which faders and effects move.
    sections : sequence of int
        Of each section of that timeline, its index in the song.
    is_loop : bool
        Whether it is repeated without a seam.
    fade_frames : int
        The length of the fade-out at its end.
    """

    slices: Sequence[Passage]
    timeline: Timeline
    song: Timeline
    sections: Sequence[int]
    is_loop: bool = False
    fade_frames: int = 0

    @property
    def ends_song(self) -> bool:
        """Whether it is cut and ends as the song does: with the song's tail, in which nothing begins."""
        return bool(self.slices) and self.slices[-1].end_frame == self.song.end_frame and not self.is_loop

    @property
    def passages(self) -> list[tuple[int, int, int]]:
        """Of each slice the frames of the song, from its start to its end (exclusive), and where its start stands."""
        found, at = [], 0
        for part in self.slices:
            found.append((part.start_frame, part.end_frame, at))
            at += part.end_frame - part.start_frame
        if self.ends_song:
            start, _, at = found.pop()
            found.append((start, self.song.frames, at))
        return found


def cut_of(version: Version, song: Timeline, has_tempo: bool) -> Cut:
    """How a version is cut.

    Parameters
    ----------
    version : Version
        The version.
    song : Timeline
        The timeline of its song.
    has_tempo : bool
        Whether the song has a tempo: then it is cut on bar lines only.

    Returns
    -------
    Cut

    Raises
    ------
    CutError
        If that cannot be.
    """
    _check_keys(version)
    written: list[tuple[tuple, str]] = [
        (("sections", i), text) for i, text in enumerate(version.sections or ())
    ]
    if version.loop is not None:
        written.append((("loop",), version.loop))
    passages = [(path, _passage(path, text, song, has_tempo)) for path, text in written]
    if has_tempo:
        _check_bar_lines(passages, song, is_loop=version.loop is not None)
    whole = Passage(Fraction(0), song.end, 0, song.end_frame)
    slices = _joined([passage for _, passage in passages])
    placed = list(_sections(song, [passage for _, passage in passages] or [whole]))
    tail = 0 if version.loop is not None else song.tail_frames
    last = slices[-1] if slices else whole
    timeline = Timeline(
        song.rate,
        _tempo(song.tempo, slices or [whole]),
        sum((each.end - each.start for each in slices or [whole]), Fraction(0)),
        sum(each.end_frame - each.start_frame for each in slices or [whole]) + tail,
        [section for _, section in placed],
        tail,
    )
    natural = timeline.frames
    if version.length is not None:
        timeline = _of_length(timeline, parse_duration(version.length))
    if timeline.frames > LONGEST_HOURS * 3600 * song.rate:
        hours = timeline.frames / song.rate / 3600
        key = "sections" if version.length is None else "length"
        raise CutError((key,), f"the version is {hours:,.0f} hours long; the limit is {LONGEST_HOURS}")
    fade_frames = 0
    if version.fade_out is not None:
        length = parse_duration(version.fade_out)
        start = timeline.tempo.quarters(Fraction(timeline.frames, song.rate))
        fade_frames = round_half_up(timeline.tempo.length_seconds(length, start) * song.rate)
        if fade_frames > timeline.frames:
            seconds = timeline.frames / song.rate
            raise CutError(("fade_out",), f"is longer than the version, {seconds:.3f} s: shorten it")
    elif timeline.frames < natural:
        fade_frames = min(round_half_up(_FADE_S * song.rate), timeline.frames)
    elif version.loop is None and last.end_frame != song.end_frame:
        most = min(round_half_up(_FADE_S * song.rate), timeline.tail_frames)
        fade_frames = max(round_half_up(_DECLICK_S * song.rate), most)
    kept = [index for index, section in placed if section.start_frame < timeline.frames]
    return Cut(slices, timeline, song, kept, version.loop is not None, fade_frames)


def _check_keys(version: Version) -> None:
    if version.without is not None and version.only is not None:
        raise CutError(("only",), "cannot be with `without`: leave out one of them")
    for key in ("sections", "length", "fade_out"):
        if version.loop is not None and getattr(version, key) is not None:
            raise CutError((key,), "cannot be with `loop`: a loop is one passage, as long as it is")


def _passage(path: tuple, text: str, song: Timeline, has_tempo: bool) -> Passage:
    """A passage as it is written. Raises CutError if the song does not have it."""
    named, number = parse_passage(text)
    if isinstance(named, str):
        found = [section for section in song.sections if section.name == named]
        if not found:
            known = list(dict.fromkeys(section.name for section in song.sections))
            hint = did_you_mean(named, known) or ": the song has no sections, write bars 1-8"
            raise CutError(path, f"there is no section {named!r}{hint}")
        if number > len(found):
            count = f"{len(found)} section{'s' if len(found) > 1 else ''}"
            raise CutError(path, f"there is no {text!r}: the song has {count} of that name")
        section = found[number - 1]
        return Passage(section.start, section.end, section.start_frame, section.end_frame)
    if not has_tempo:
        raise CutError(path, f"the song has no tempo, and so no bars: name sections (is {text!r})")
    start, end = max(Fraction(0), song.tempo.bar_line(named)), song.tempo.bar_line(number + 1)
    if song.tempo.bar_line(number) >= song.end or end <= start:
        first, _ = song.tempo.bar_beat(Fraction(0))
        last, beat = song.tempo.bar_beat(song.end)
        raise CutError(path, f"the song has bars {first} to {last - (beat == 1)} (is {text!r})")
    if end >= song.end:
        return Passage(start, song.end, song.frame(start), song.end_frame)
    return Passage(start, end, song.frame(start), song.frame(end))


def _check_bar_lines(passages: Sequence[tuple[tuple, Passage]], song: Timeline, is_loop: bool) -> None:
    """Raise CutError where a cut is not on a bar line. A version may begin, and end, as the song does."""
    tempo, last = song.tempo, len(passages) - 1
    for index, (path, passage) in enumerate(passages):
        is_start = passage.start == 0 and not index and not is_loop
        is_end = passage.end == song.end and index == last and not is_loop
        for at, is_free, verb in ((passage.start, is_start, "begins"), (passage.end, is_end, "ends")):
            bar, beat = tempo.bar_beat(at)
            if beat != 1 and not is_free:
                raise CutError(
                    path,
                    f"{verb} at {tempo.describe(at)}, and versions are cut on bar lines: name bars instead, such as "
                    f"bars {max(1, bar)}-{max(1, bar) + 3}",
                )


def _joined(passages: Sequence[Passage]) -> list[Passage]:
    """Passages, of which those that follow each other in the song are one."""
    found: list[Passage] = []
    for passage in passages:
        if found and found[-1].end_frame == passage.start_frame:
            first = found.pop()
            passage = Passage(first.start, passage.end, first.start_frame, passage.end_frame)
        found.append(passage)
    return found


def _sections(song: Timeline, passages: Sequence[Passage]) -> Iterator[tuple[int, Section]]:
    """(index in the song, section) of all that is in some passages, where they stand in the version."""
    quarter, frame = Fraction(0), 0
    for passage in passages:
        for index, section in enumerate(song.sections):
            start, end = max(section.start, passage.start), min(section.end, passage.end)
            first = max(section.start_frame, passage.start_frame)
            after = min(section.end_frame, passage.end_frame)
            if first < after:
                by, shift = quarter - passage.start, frame - passage.start_frame
                yield (
                    index,
                    Section(section.name, start + by, end + by, first + shift, after + shift, section.key),
                )
        quarter += passage.end - passage.start
        frame += passage.end_frame - passage.start_frame


def _of_length(timeline: Timeline, length: Duration) -> Timeline:
    """A timeline that is cut, or goes on, to an exact length."""
    frames = timeline.frame_after(Fraction(0), length)
    if frames < 1:
        raise CutError(("length",), f"must be at least one frame, {1 / timeline.rate:.2g} s")
    if frames >= timeline.end_frame:
        tail = frames - timeline.end_frame
        return Timeline(timeline.rate, timeline.tempo, timeline.end, frames, timeline.sections, tail)
    end = timeline.tempo.quarters(Fraction(frames, timeline.rate))
    kept = [
        Section(s.name, s.start, min(s.end, end), s.start_frame, min(s.end_frame, frames), s.key)
        for s in timeline.sections
        if s.start_frame < frames
    ]
    return Timeline(timeline.rate, timeline.tempo, end, frames, kept)


def _tempo(tempo: TempoMap, passages: Sequence[Passage]) -> TempoMap:
    """The tempo map of passages one after another, each from a bar line on; the first may begin with the pick-up."""
    starts_song = passages[0].start == 0
    pickup = Duration(notes=tempo.pickup / 4) if starts_song else NO_LENGTH
    if len(passages) == 1 and starts_song:
        return tempo
    changes: list[TempoChange] = []
    to_bar = 1 if tempo.pickup and starts_song else tempo.bar_beat(passages[0].start)[0]
    bar = 1
    for number, passage in enumerate(passages):
        if number:
            to_bar = tempo.bar_beat(passage.start)[0]
        for change in _changes(tempo, passage):
            change_bar, beat = tempo.bar_beat(change.start)
            at = (1, Fraction(1)) if not changes else (bar + change_bar - to_bar, beat)
            previous = [each.time_signature for each in changes if each.time_signature]
            signature = change.signature if previous[-1:] != [change.signature] else None
            changes.append(
                TempoChange(at[0], change.bpm, signature, at[1], change.ramp, Duration(seconds=change.held))
            )
        bar += tempo.bar_beat(passage.end)[0] - to_bar
    return TempoMap(changes, pickup)


@dataclass(frozen=True)
class _Change:
    """What begins at a place of the song: tempo and meter, perhaps a ramp, and the seconds for which time stands."""

    start: Fraction
    bpm: Fraction | None
    signature: TimeSignature | None
    ramp: Ramp | None
    held: Fraction


def _changes(tempo: TempoMap, passage: Passage) -> Iterator[_Change]:
    """What changes within a passage, and what is so at its start."""
    for part in tempo.passages():
        start = max(part.start, passage.start)
        end = passage.end if part.end is None else min(part.end, passage.end)
        if start >= end:
            continue
        ramp = None
        if part.to != part.bpm:
            to = part.to if end == part.end else tempo.bpm(end)
            ramp = Ramp(to, Duration(notes=(end - start) / 4), part.curve)
        holds = {at: held for at, held in part.holds if start <= at < end}
        yield _Change(start, tempo.bpm(start), part.signature, ramp, holds.pop(start, Fraction(0)))
        for at, held in holds.items():
            yield _Change(at, None, part.signature, None, held)
