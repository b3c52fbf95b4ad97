"""The reference in its song: how long it makes it, and mistakes in where it stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from stemwright.audio import inspect
from stemwright.audio.placed_file import PlacedFile, beyond_end, rate_and_frames
from stemwright.base.errors import StemwrightError
from stemwright.music.timeline import TempoMap, Timeline, TimelineError, parse_position, round_half_up
from stemwright.song.model import Song
from stemwright.sources._clip import seconds


def reference_files(song: Song) -> list[tuple[tuple, str]]:
    """(path of its key, path) of the reference, and of the recording that it is aligned with, if there are any."""
    if song.reference is None:
        return []
    align = song.reference.align
    return [
        (("reference", "file"), song.reference.file),
        *([(("reference", "align", "file"), align.file)] if align else []),
    ]


def reference_frames(song: Song, tempo: TempoMap, has_producer: Callable[[str], bool]) -> int:
    """The length of a song that ends with its reference.

    Parameters
    ----------
    song : Song
        The song.
    tempo : TempoMap
        Its tempo map.
    has_producer : callable
        Tells whether a rule makes the file of a path: the length of such a reference is not known yet.

    Returns
    -------
    int
        The frame at the end of the reference.

    Raises
    ------
    TimelineError
        If there is none, or its length is not known.
    """
    if song.reference is None:
        raise TimelineError(("length",), "is that of the reference, but the song has no reference")
    path = os.path.expanduser(song.reference.file)
    if has_producer(path):
        raise TimelineError(
            ("length",), f"must be given: the reference {path} is made by a rule, after the song is read"
        )
    try:
        source = inspect(path)
    except StemwrightError as error:
        raise TimelineError(("reference", "file"), str(error)) from None
    if source.frames is None or not source.sample_rate:
        raise TimelineError(
            ("length",),
            f"{song.reference.file} ({source.format}) does not declare its length: give one here",
        )
    start, rate = seconds(song.reference.start), song.session.sample_rate
    if problem := beyond_end(start, source.frames, source.sample_rate):
        raise TimelineError(("reference", "start"), problem)
    try:
        begin = round_half_up(tempo.time_of(parse_position(song.reference.at)) * rate)
    except ValueError as error:  # a beat that its bar does not have
        raise TimelineError(("reference", "at"), str(error)) from None
    return PlacedFile(path, start, begin).end(source.frames, source.sample_rate, rate)


def reference_mistakes(
    song: Song, timeline: Timeline | None, has_producer: Callable[[str], bool]
) -> Iterator[tuple[tuple, str]]:
    """Check where the reference stands.

    Parameters
    ----------
    song : Song
        The song.
    timeline : Timeline or None
        Its timeline, if it is valid.
    has_producer : callable
        Tells whether a rule makes the file of a path.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    reference = song.reference
    if reference is None or timeline is None:
        return
    places: dict[tuple, str] = {("at",): reference.at}
    if reference.align:
        places["align", "at"] = reference.align.at
    for where, text in places.items():
        try:
            frame = timeline.frame_at(parse_position(text))
            problem = "" if frame < timeline.frames else _after(timeline, text)
        except ValueError as error:  # a beat that its bar does not have
            problem = str(error)
        if problem:
            yield ("reference", *where), problem
    path = os.path.expanduser(reference.file)
    if os.path.isfile(path) and not has_producer(path):
        known = rate_and_frames(path)
        if known and (problem := beyond_end(seconds(reference.start), known[1], known[0])):
            yield ("reference", "start"), problem


def _after(timeline: Timeline, text: str) -> str:
    end = timeline.frames / timeline.rate
    return f"must lie before the song's end at {end:.3f} s (is {text!r})"
