"""Windows of a song: stretches of bars, of a section or of seconds, that are rendered alone to be listened to.

`bar9-17` is from the start of bar 9 to the start of bar 17: eight bars. `12s-20.5s` is in seconds. The name of a
section is that section; where several have it, `chorus` is the first and `chorus-2` the second. What of each stem and
bus sounds into a window follows from how far the effects on its ways reach.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable
from stemwright.music.timeline import round_half_up
from stemwright.song.loaded import LoadedSong
from stemwright.song.routing import MIX

_BARS = re.compile(r"bar(\d{1,6})-(\d{1,6})", re.ASCII)
_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)s-(\d{1,6}(?:\.\d{1,6})?)s", re.ASCII)
_GRID = 64
"""Frames: what is rendered begins at a multiple, so that what effects set every few frames is set at the same ones."""

Span = tuple[int, int]
"""The first frame of a stretch, and that after its last."""


@dataclass(frozen=True)
class Window:
    """A stretch of a song: its name, what it is in words, and its frames from `start` to `end` (exclusive)."""

    name: str
    words: str
    start: int
    end: int


def window_of(song: LoadedSong, name: str) -> Window:
    """The window of a song that a name stands for.

    Raises StemwrightError, with what there is, if it stands for none.
    """
    try:
        found = _section(song, name) or _bars(song, name) or _seconds(song, name)
        if found is None:
            raise ValueError(f"is not in the song; {_choice(song)}")
    except ValueError as error:
        raise StemwrightError(f"{song.name}: window {printable(name)}: {error}") from None
    return Window(name, *found)


def _section(song: LoadedSong, name: str) -> tuple[str, int, int] | None:
    placed = song.timeline.sections
    section = next((section for section in placed if section.name == name), None)
    if section is None:
        first, _, turn = name.rpartition("-")
        turns = [section for section in placed if section.name == first]
        if not re.fullmatch(r"[1-9]\d{0,5}", turn, re.ASCII) or int(turn) > len(turns):
            return None
        section = turns[int(turn) - 1]
    return f"section {name}", section.start_frame, section.end_frame


def _bars(song: LoadedSong, name: str) -> tuple[str, int, int] | None:
    if not (found := _BARS.fullmatch(name)):
        return None
    if song.document.bpm is None:
        raise ValueError(f"the song has no bpm, and so no bars; {_choice(song)}")
    first, last = map(int, found.groups())
    lowest, highest = _bar_range(song)
    if not lowest <= first < last <= highest:
        raise ValueError(
            f"must go from the start of a bar to that of a later one; the song has bars {lowest} to {highest - 1}, "
            f"so the longest window is bar{lowest}-{highest}"
        )
    tempo = song.timeline.tempo
    start, end = (max(Fraction(0), tempo.bar_line(bar)) for bar in (first, last))
    return (
        f"bars {first} to {last}",
        song.timeline.frame(start),
        song.timeline.frame(min(end, song.timeline.end)),
    )


def _bar_range(song: LoadedSong) -> tuple[int, int]:
    """The first bar of the song, and that after its last one."""
    tempo = song.timeline.tempo
    bar, beat = tempo.bar_beat(song.timeline.end)
    return (0 if tempo.pickup else 1), bar + (beat > 1)


def _seconds(song: LoadedSong, name: str) -> tuple[str, int, int] | None:
    if not (found := _SECONDS.fullmatch(name)):
        return None
    rate, frames = song.timeline.rate, song.timeline.frames
    start, end = (round_half_up(Fraction(text) * rate) for text in found.groups())
    if not start < end <= frames:
        raise ValueError(
            f"must be from a second to a later one, up to the song's end at {frames / rate:.3f} s"
        )
    return " to ".join(f"{text} s" for text in found.groups()), start, end


def _choice(song: LoadedSong) -> str:
    """What windows there are."""
    names = [section.name for section in song.timeline.sections]
    several = {name for name in names if names.count(name) > 1}
    turns = dict.fromkeys(names, 0)
    for index, name in enumerate(names):
        turns[name] += 1
        if name in several:
            names[index] = f"{name}-{turns[name]}"
    found = [f"sections ({', '.join(names)})"] if names else []
    if song.document.bpm is not None:
        lowest, highest = _bar_range(song)
        found.append(f"bars (bar{lowest}-{min(lowest + 8, highest)}; the last is bar {highest - 1})")
    found.append(f"seconds (0s-{song.timeline.frames / song.timeline.rate:.3f}s)")
    return f"there are {', '.join(found)}"


def spans_heard(song: LoadedSong, window: Window) -> dict[str, Span]:
    """What of each stem and bus that sounds into a window is needed for it, after its effects and before its fader.

    Parameters
    ----------
    song : LoadedSong
        The song.
    window : Window
        The window.

    Returns
    -------
    dict of str to (int, int)
        The frames, by stem or bus. Of what is heard through an effect without a `reach`, nothing is needed but that
        effect's own strip, at full length.
    """
    given: dict[str, Span] = {}

    def need(name: str, span: Span) -> None:
        known = given.get(name, span)
        wider = min(known[0], span[0]), max(known[1], span[1])
        if given.get(name) == wider:
            return
        given[name] = wider
        if (taken := span_taken(song, name, wider)) is None:
            return
        keys = {key for _, key in song.effects(name).side_chains()}
        for other in keys.union(song.routing.feeds(name) if name in song.document.buses else ()):
            need(other, taken)

    for name in song.routing.feeds(MIX):
        need(name, (window.start, window.end))
    return given


def span_taken(song: LoadedSong, name: str, given: Span) -> Span | None:
    """What a stem or bus takes before its effects, to give a stretch after them.

    Parameters
    ----------
    song : LoadedSong
        The song.
    name : str
        The stem or bus.
    given : (int, int)
        The frames of the stretch.

    Returns
    -------
    (int, int) or None
        The frames; None if its effects must hear all of it.
    """
    reach = song.reaches[name]
    if reach is None:
        return None
    first = max(0, given[0] - reach.before) // _GRID * _GRID
    return first, min(song.timeline.frames, given[1] + reach.after)
