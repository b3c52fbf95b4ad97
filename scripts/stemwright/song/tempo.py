"""The tempo map of a song, from its keys bpm, meter, beat, pickup and changes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from stemwright.music.timeline import (
    Duration,
    Ramp,
    TempoChange,
    TempoError,
    TempoMap,
    Timeline,
    TimelineError,
    TimeSignature,
    format_note,
    parse_beat,
    parse_bpm,
    parse_duration,
    parse_position,
    parse_time_signature,
)
from stemwright.song.changes import Change
from stemwright.song.model import Song

_IN_SECONDS = Fraction(60)
"""Stands for the tempo of a song that has none: nothing in it depends on it."""


def tempo_of(song: Song) -> TempoMap:
    """The tempo map of a song. Raises TimelineError, with the path of the key that is wrong."""
    unit = None if song.beat is None else parse_beat(song.beat)
    signature = _signature(song.meter, unit, ("beat",))
    bpm = _IN_SECONDS if song.bpm is None else parse_bpm(song.bpm)
    changes = [TempoChange(1, bpm * signature.unit_quarters, signature)]
    for index, change in enumerate(song.changes):
        changes.append(_change(change, signature, ("changes", index)))
        signature = changes[-1].time_signature or signature
    try:
        tempo = TempoMap(changes, parse_duration(song.pickup) if song.pickup else Duration())
    except TempoError as error:
        place: tuple = (error.key,)
        if error.index:
            place = ("changes", error.index - 1, *_written(song.changes[error.index - 1], error.key))
        raise TimelineError(place, str(error)) from None
    for index, each in enumerate(changes[1:]):
        if tempo.meters.place(each.bar, each.beat) == 0 and each.bpm is not None:
            raise TimelineError(
                ("changes", index, "bpm"), "is where the song begins: give it as the song's bpm"
            )
    return tempo


def check_end(song: Song, timeline: Timeline) -> None:
    """Check that ramps and holds are within the song. Raises TimelineError."""
    tempo = timeline.tempo
    for index, change in enumerate(tempo.changes[1:]):
        at, place = tempo.meters.place(change.bar, change.beat), ("changes", index)
        end = tempo.describe(timeline.end)
        if change.hold and timeline.frame(at) >= timeline.end_frame:
            raise TimelineError((*place, "hold"), f"must lie before the song's end at {end}")
        if change.ramp:
            last = tempo.advance(at, change.ramp.over)
            if timeline.frame(last) > timeline.end_frame:
                raise TimelineError(
                    (*place, "ramp", "over"),
                    f"must end with the song, at {end}, or before (ends at {tempo.describe(last)})",
                )


def _written(change: Change, key: str) -> tuple:
    """The path of a key in a change that has it; the change alone if it has not."""
    if key in ("bar", "at"):
        key = "bar" if change.bar is not None else "at"
    return (key,) if getattr(change, key) is not None else ()


def _change(change: Change, before: TimeSignature, path: tuple) -> TempoChange:
    """A change, in the meter `before` it."""
    bar, beat = change.bar or 0, Fraction(1)
    if change.at is not None:
        position = parse_position(change.at)
        if position.bar is None or position.offset:
            raise TimelineError(
                (*path, "at"), f"must be a bar and a beat, such as bar 64 beat 4 (is {change.at!r})"
            )
        bar, beat = position.bar, position.beat
    if change.bpm is None and change.meter is None and change.ramp is None and change.hold is None:
        raise TimelineError(path, "must have bpm, meter, ramp or hold")
    unit = before.unit if change.beat is None else parse_beat(change.beat)
    signature = before
    if change.meter is not None or change.beat is not None:
        key = "meter" if change.beat is None else "beat"
        signature = _signature(change.meter or str(before), unit, (*path, key))
    if signature.unit_quarters != before.unit_quarters and change.bpm is None:
        raise TimelineError(path, "must have bpm: from here on, it counts another note (beat)")
    ramp = None
    if change.ramp is not None:
        to = parse_bpm(change.ramp.to) * signature.unit_quarters
        ramp = Ramp(to, parse_duration(change.ramp.over), change.ramp.curve)
    return TempoChange(
        bar,
        None if change.bpm is None else parse_bpm(change.bpm) * signature.unit_quarters,
        None if signature == before and change.meter is None else signature,
        beat,
        ramp,
        Duration() if change.hold is None else parse_duration(change.hold),
    )


def _signature(meter: str, unit: Fraction | None, path: tuple) -> TimeSignature:
    """A time signature in which a note is the beat. Raises TimelineError if that does not divide the bar."""
    signature = replace(parse_time_signature(meter), unit=unit)
    if not signature.divides:
        raise TimelineError(
            path,
            f"{format_note(signature.unit_quarters)} does not divide a bar of {meter}: give the beat of this meter, "
            "and a bpm that counts it, such as {meter: 6/8, beat: 1/4., bpm: 96}",
        )
    return signature
