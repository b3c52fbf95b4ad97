"""Checks of a song as a whole: its timeline, the files and names in it, its harmony, and its stems."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from stemwright.audio import format_problem, inspect
from stemwright.audio.decoders import missing_program
from stemwright.base.errors import StemwrightError
from stemwright.delivery.metadata._cover import read_cover
from stemwright.music.component import Component, role
from stemwright.music.harmony.chart import MOST_CHORDS, read_chart
from stemwright.music.harmony.scale import transpose_key
from stemwright.music.harmony.section import ChordAt, Harmony
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    Duration,
    Timeline,
    TimelineError,
    parse_duration,
)
from stemwright.music.timeline.timeline import REMAINDER
from stemwright.song.model import Song, Stem
from stemwright.song.reference import reference_files, reference_frames
from stemwright.song.routing import found_levels, parts, path_of, strips
from stemwright.song.tempo import check_end, tempo_of
from stemwright.sources import Source
from stemwright.validation.names import describe_repeat, find_control, fold
from stemwright.validation.problems import did_you_mean

LONGEST_HOURS = 24
"""Of a song, and of a version."""

_MOST_BEATS = 500_000  # 24 hours of 4/4 at 347 bpm

_AUDIO = (
    *(
        (kind, "file")
        for kind in ("reference", "compare", "audio", "replace", "align", "convolution", "match_eq")
    ),
    ("gain_db", "match"),
)
"""The places of audio files: the last two of their keys."""

Mistake = tuple[tuple, str]
"""The path of a key in the song, and a message."""


def timeline_of(song: Song, has_producer: Callable[[str], bool]) -> Timeline:
    """The timeline of a song. Raises TimelineError, with the path of the key that is wrong.

    `has_producer` tells whether a rule makes the file of a path: the length of such a reference is not known yet.
    """
    tempo = tempo_of(song)
    length: Duration | int | None = None
    if song.length == "reference":
        length = reference_frames(song, tempo, has_producer)
    elif song.length is not None:
        length = parse_duration(song.length)
    elif not song.sections:
        raise TimelineError(("length",), "is required if there are no sections")
    sections = []
    for entry in song.sections:
        ((name, section),) = entry.items()
        span = section.length if section.length == REMAINDER else parse_duration(section.length)
        sections.append((name, span, section.key))
    tail = parse_duration(song.tail) if song.tail else None
    timeline = Timeline.build(song.session.sample_rate, tempo, length, sections, tail)
    if timeline.frames > LONGEST_HOURS * 3600 * timeline.rate:
        hours = timeline.frames / timeline.rate / 3600
        raise TimelineError(("length",), f"the song is {hours:,.0f} hours long; the limit is {LONGEST_HOURS}")
    if timeline.beat_count > _MOST_BEATS:
        raise TimelineError(
            ("meter",),
            f"the song has {timeline.beat_count:,} beats; the limit is {_MOST_BEATS:,}: shorten it, slow it "
            "down, or choose a meter with longer beats",
        )
    check_end(song, timeline)
    return timeline


def file_mistakes(song: Song, results: str, has_producer: Callable[[str], bool]) -> Iterator[Mistake]:
    """Check the files that a song names.

    Parameters
    ----------
    song : Song
        The song.
    results : str
        The output root; no input may be in it.
    has_producer : callable
        Tells whether a rule makes the file of a path: it may be missing yet.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    named = reference_files(song)
    named += [(("compare", "file"), song.compare.file)] if song.compare else []
    named += [(("metadata", "cover"), song.metadata.cover)] if song.metadata.cover else []
    for name, level in found_levels(song).items():
        if level.match is not None:
            named.append(((*path_of(song, name), "gain_db", "match"), level.match))
    for place, component in components(song):
        named += [((*place, *where), path) for where, path in component.input_files()]
    for where, path in named:
        full = os.path.expanduser(path)
        if sign := find_control(full):
            yield (
                where,
                f"must be a name without control characters: rename the file (has {sign!r}, is {path!r})",
            )
        elif Path(os.path.realpath(results)) in Path(os.path.realpath(full)).parents:
            yield (
                where,
                f"must not be in {results}/, the folder of built files: copy it elsewhere (is {path!r})",
            )
        elif has_producer(full):
            pass
        elif not os.path.exists(full):
            yield where, f"there is no such file (is {path!r}, from the working directory)"
        elif os.path.isdir(full):
            yield where, f"must be a file, not a folder (is {path!r})"
        elif not os.path.isfile(full):
            yield where, f"must be a regular file (is {path!r})"
        elif fault := _file_fault(where, full):
            yield where, fault


def _file_fault(where: tuple, path: str) -> str:
    """What is wrong with a file, as far as is seen in no time; "" if nothing is, or if its job alone can tell."""
    if where[-2:] in _AUDIO:
        return _audio_fault(path)
    return _cover_fault(path) if where == ("metadata", "cover") else ""


def _audio_fault(path: str) -> str:
    """What is wrong with an audio file by its header and its container, which are read in no time; "" if nothing is."""
    try:
        container = inspect(path)
    except StemwrightError as error:
        return str(error)
    if container.problem:
        return f"{path}: {container.problem}"
    if container.sample_rate is None or container.channels is None:
        return ""  # only decoding finds them
    problem = format_problem(container.sample_rate, container.channels)
    return f"{path}: has {problem}" if problem else ""


def _cover_fault(path: str) -> str:
    """What is wrong with a cover; "" if nothing is."""
    try:
        read_cover(path)
    except (StemwrightError, OSError) as error:
        return str(error)
    return ""


def metadata_mistakes(song: Song) -> Iterator[tuple[tuple, str]]:
    """Check what in `metadata` hangs on the rest of the song.

    Yields
    ------
    tuple of (tuple, str)
        The path of a key, and a message.
    """
    known = list(dict.fromkeys(name for entry in song.sections for name in entry))
    loop = song.metadata.loop
    if loop is not None and loop not in known:
        yield ("metadata", "loop"), f"there is no section {loop!r}" + did_you_mean(loop, known)


def harmony_mistakes(song: Song, timeline: Timeline | None, harmony: list[Harmony]) -> Iterator[Mistake]:
    """Read the chord charts of a song.

    Parameters
    ----------
    song : Song
        The song.
    timeline : Timeline or None
        Its timeline, if it is valid.
    harmony : list of Harmony
        The harmony of each section is appended to it; of the whole song, if it has no sections.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    if timeline is None:
        return
    if not timeline.sections:
        harmony.append(Harmony(song.key))
    total = 0
    for index, span in enumerate(timeline.sections):
        section, mistakes = song.sections[index][span.name], list[str]()
        chords: tuple[ChordAt, ...] = ()
        key = section.key or song.key
        if section.chords is not None:
            chords = read_chart(section.chords, span, timeline.tempo, key, section.transpose, mistakes.append)
        total += len(chords)
        if total > MOST_CHORDS:
            mistakes.append(f"gives the song more than {MOST_CHORDS:,} chords")
        yield from ((("sections", index, span.name, "chords"), message) for message in mistakes)
        if total > MOST_CHORDS:
            return
        harmony.append(Harmony(key and transpose_key(key, section.transpose), chords))


def stem_mistakes(
    song: Song, timeline: Timeline | None, harmony: list[Harmony], has_producer: Callable[[str], bool]
) -> Iterator[Mistake]:
    """Check the stems, and the keys of all sources and effects.

    Parameters
    ----------
    song : Song
        The song.
    timeline : Timeline or None
        Its timeline; without one, sources and effects are not checked.
    harmony : list of Harmony
        The harmony of each section.
    has_producer : callable
        Tells whether a rule makes the file of a path. What such a file holds now says nothing of what it will.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    known = dict.fromkeys(name for entry in song.sections for name in entry)
    folded: dict[str, str] = {}
    for name, stem in song.stems.items():
        here = ("stems", name)
        if fold(name) in folded:
            yield here, describe_repeat(folded[fold(name)])
        folded[fold(name)] = name
        kind, source = kind_and_source(stem)
        named = [(("sections", i), n) for i, n in enumerate(stem.sections or [])]
        for where, section in [*named, *((("source", kind, *p), n) for p, n in source.sections())]:
            if section not in known:
                yield (*here, *where), f"there is no section {section!r}" + did_you_mean(section, list(known))
        if source.needs_reference and song.reference is None:
            yield (*here, "source", kind), "needs a reference, and the song has none"
    if timeline is None:
        return
    context = planning_context(song, timeline, harmony)
    for place, component in components(song):
        readable = {
            role(where): full
            for where, path in component.input_files()
            if (*place, *where)[-2:] in _AUDIO
            and os.path.isfile(full := os.path.expanduser(path))
            and not has_producer(full)
        }
        own = replace(context, files=readable)
        yield from (((*place, *where), message) for where, message in component.problems(own))


def planning_context(song: Song, timeline: Timeline, harmony: list[Harmony]) -> RenderContext:
    """Make what components know of their song when it is planned, when there are no files yet.

    Parameters
    ----------
    song : Song
        The song.
    timeline : Timeline
        Its timeline.
    harmony : list of Harmony
        The harmony of each section.

    Returns
    -------
    RenderContext
    """
    played = [section.to_dict(("key", "chords")) for section in harmony]
    return RenderContext(
        timeline.rate, song.session.channels, timeline.frames, timeline=timeline, harmony=played
    )


def lacking(song: Song) -> Iterator[Mistake]:
    """Find what a song needs to be built and this machine lacks, such as a program. Its jobs may run on others.

    Yields
    ------
    tuple of (tuple, str)
        The path of a key, and a message.
    """
    for where, path in reference_files(song):
        if what := missing_program(os.path.expanduser(path)):
            yield where, what
    for place, component in components(song):
        yield from (((*place, *where), what) for where, what in component.lacks())
    deliveries = {("delivery",): song.delivery} | {("deliveries", n): d for n, d in song.deliveries.items()}
    for where, delivery in deliveries.items():
        if what := delivery.encoder.lacks():
            yield (*where, "container"), what


def components(song: Song) -> Iterator[tuple[tuple, Component]]:
    """Find every source and every effect of a song.

    Yields
    ------
    tuple of (tuple, Component)
        The path of its keys, and the component.
    """
    for name, stem in song.stems.items():
        kind, source = kind_and_source(stem)
        yield ("stems", name, "source", kind), source
        yield from _effects(("stems", name, "effects"), stem.effects)
    for name, bus in song.buses.items():
        yield from _effects(("buses", name, "effects"), bus.effects)
    yield from _effects(("master", "effects"), song.master.effects)


def _effects(place: tuple, entries: Sequence[BaseModel]) -> Iterator[tuple[tuple, Component]]:
    for index, entry in enumerate(entries):
        for kind in entry.model_fields_set:
            yield (*place, index, kind), getattr(entry, kind)


def kind_and_source(stem: Stem) -> tuple[str, Source]:
    """Find the source of a stem.

    Parameters
    ----------
    stem
        The stem.

    Returns
    -------
    kind : str
        The kind of its source.
    source : Source
        The source.
    """
    (kind,) = stem.source.model_fields_set
    return kind, getattr(stem.source, kind)


def delivered_parts(song: Song) -> list[str]:
    """The stems and buses that are delivered, by name."""
    found = []
    for name in parts(song):
        keys = strips(song)[name]
        default = name in song.buses or not kind_and_source(song.stems[name])[1].needs_reference
        if default if keys.deliver is None else keys.deliver:
            found.append(name)
    return found
