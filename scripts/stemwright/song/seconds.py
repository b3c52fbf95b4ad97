"""Sections whose length is given in seconds: they may end off the grid where nothing musical hangs on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stemwright.music.timeline import Section, TempoMap, Timeline, TimelineError, parse_duration
from stemwright.music.timeline.timeline import REMAINDER
from stemwright.song.checks import kind_and_source
from stemwright.song.model import Section as Written
from stemwright.song.model import Song, written_gates
from stemwright.sources import Source

_OF_BEATS = ("grid", "tempo")
"""The gates that compare a recording with the beats of the song."""


def check_seconds(song: Song, timeline: Timeline) -> None:
    """Check that sections in seconds end on a beat, where something musical hangs on it.

    That is something that counts bars or beats, or that a gate compares with them, or a written key, in the section, or
    in a later one that begins off the grid because of it.

    Parameters
    ----------
    song : Song
        The song.
    timeline : Timeline
        Its timeline.

    Raises
    ------
    TimelineError
        For the first such section: what hangs on it, how far its end is off the grid, and the nearest lengths that
        are on it.
    """
    if song.bpm is None:
        return
    sources = {name: kind_and_source(stem)[1] for name, stem in song.stems.items()}
    timed = {name: source for name, source in sources.items() if source.needs_timeline}
    cause = None
    for index, section in enumerate(timeline.sections):
        written = song.sections[index][section.name]
        before, after = timeline.tempo.beats_around(section.end)
        if cause is None and before != after and _is_in_seconds(written):
            cause = index
        if cause is None:
            continue
        if musical := list(_musical(song, written, timed, section, timeline.tempo)):
            ends = timeline.sections[cause]
            more = f", and {len(musical) - 1} more" if musical[1:] else ""
            raise TimelineError(
                ("sections", cause),
                f"section {ends.name} would end off the grid, {_distance(timeline.tempo, ends)}, but {musical[0]} "
                f"in section {section.name}{more}. Give it a length on the grid: "
                f"{_nearest_lengths(timeline.tempo, ends)}",
            )
        if before == after:
            cause = None


def _is_in_seconds(written: Written) -> bool:
    return written.length != REMAINDER and bool(parse_duration(written.length).seconds)


def _musical(
    song: Song, written: Written, timed: Mapping[str, Source], section: Section, tempo: TempoMap
) -> Iterator[str]:
    """What is musical in a section, each as text before `in section NAME`. `timed` are the sources that may be."""
    if written.chords is not None:
        yield "there are chords"
    for name, stem in song.stems.items():
        if stem.sections is not None and section.name not in stem.sections:
            continue
        if name in timed and timed[name].counts_bars(section, tempo):
            yield f"stem {name} counts bars and beats"
        for gate in _OF_BEATS:
            if written_gates(stem.gates).get(gate, False) is not False:
                yield f"gate {gate} compares stem {name} with the beats"
    gates = written_gates(song.gates)
    for gate in _OF_BEATS if song.reference else ():
        if gates.get(gate) is not False:
            yield f"gate {gate} compares the reference with the beats (unless gates.{gate} is false)"
    key = written.key or song.key
    if key and gates.get("section_key") is not False:
        yield f"gate section_key looks for {key} (unless gates.section_key is false)"


def _distance(tempo: TempoMap, section: Section) -> str:
    """How far the end of a section is from the nearest beat."""
    off, beat = min(
        (abs(tempo.seconds(section.end) - tempo.seconds(beat)), beat)
        for beat in tempo.beats_around(section.end)
    )
    return f"{float(off):.3g} s {'after' if beat < section.end else 'before'} {tempo.describe(beat)}"


def _nearest_lengths(tempo: TempoMap, section: Section) -> str:
    """The lengths with which a section would end on the beats around its end."""
    lengths = []
    for beat in tempo.beats_around(section.end):
        beats, notes = tempo.count_beats(section.start, beat), (beat - section.start) / 4
        seconds = float(tempo.seconds(beat) - tempo.seconds(section.start))
        text = f"{beats} beat{'s' if beats > 1 else ''}"
        if beats.denominator > 1:
            text = f"{notes.numerator}/{notes.denominator}"
        if beat > section.start:
            lengths.append(f"{text} ({seconds:.6g} s)")
    return " or ".join(lengths)
