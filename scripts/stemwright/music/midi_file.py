"""Reading notes from standard MIDI files (SMF 1.0, formats 0 and 1), and writing parts to them.

Times are exact fractions of quarter notes: a file counts in ticks per quarter note, whatever its tempo. A note ends at
its note-off (or a note-on of velocity 0), or at a message that ends all notes; of overlapping notes of one pitch and
channel, the first to begin ends first. The pedals sustain and sostenuto (controllers 64 and 66) hold notes on until
they are released or the pitch is played again. Notes without an end last until the end of their track.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import cycle, pairwise
from operator import itemgetter
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write
from stemwright.music.controls import Controls
from stemwright.music.midi_channels import ChannelReader
from stemwright.music.midi_messages import Messages, parse_messages
from stemwright.music.midi_tempo import ramp_beats, signatures, tempo_steps
from stemwright.music.parts._base import Event
from stemwright.music.timeline import TempoMap

TICKS = 10_080
"""Ticks per quarter note in the files we write: 2⁵ · 3² · 5 · 7, so that 1/128, triplets and quintuplets are exact."""

_DRUMS = 9  # channel 10, counted from 1
_MAX_BYTES = 2_000_000
_DEFAULT_TEMPO = 500_000  # microseconds per quarter note in a file without a tempo


@dataclass(frozen=True, order=True)
class MidiNote:
    """A note: start and end in quarters, pitch 0 to 127, velocity 1 to 127, track and channel counted from 1."""

    start: Fraction
    end: Fraction
    pitch: int
    velocity: int
    track: int
    channel: int


@dataclass(frozen=True, eq=False)
class MidiFile:
    """The content of a file: notes in order, names of tracks, tempi as (quarter, microseconds per quarter note).

    `controls` has the controls of each channel that has any, in quarters, and `unplayed` counts the messages of each
    channel that are not played, by name (channel 0: of the file). `end` is the end of its longest track, in quarters.
    """

    path: str
    notes: tuple[MidiNote, ...]
    tracks: tuple[str, ...]
    tempi: tuple[tuple[Fraction, int], ...]
    controls: Mapping[int, Controls]
    unplayed: Mapping[int, Counter[str]]
    end: Fraction

    def select(self, track: int | str | None, channel: int | None) -> list[MidiNote]:
        """The notes of a track, a channel, or both; if neither is given, those of the only track and channel.

        Raises StemwrightError if there are no such notes, or if there are several to choose from: of tracks and
        channels if neither is given, or of tracks with one name. `track` is a number from 1 or a name.
        """
        if isinstance(track, int) and track > len(self.tracks):
            raise StemwrightError(f"{self.path}: has no track {track}; it has {self._describe_tracks()}")
        if isinstance(track, str) and track not in self.tracks:
            raise StemwrightError(
                f"{self.path}: has no track named {track!r}; it has {self._describe_tracks()}"
            )
        found = [
            note
            for note in self.notes
            if (track is None or track in (note.track, self.tracks[note.track - 1]))
            and (channel is None or note.channel == channel)
        ]
        if not found:
            what = "" if channel is None else f" on channel {channel}"
            raise StemwrightError(f"{self.path}: has no notes{what} there; it has {self._describe_tracks()}")
        numbers = sorted({note.track for note in found})
        if isinstance(track, str) and len(numbers) > 1:
            raise StemwrightError(
                f"{self.path}: has {len(numbers)} tracks named {track!r}, {', '.join(map(str, numbers))}: choose one "
                f"by its number; it has {self._describe_tracks()}"
            )
        if track is None and channel is None and len({(note.track, note.channel) for note in found}) > 1:
            raise StemwrightError(
                f"{self.path}: a track or channel must be chosen; it has {self._describe_tracks()}"
            )
        return found

    def check_tempo(self, tempo: TempoMap) -> None:
        """Raise StemwrightError if the file's tempo differs from the song's by more than a microsecond per quarter.

        In a ramp, or where time is held, each of the file's steps is compared with the mean of the song's tempo.
        """
        changes = {quarter for quarter, _ in self.tempi} | {passage.start for passage in tempo.passages()}
        changes |= {at for at, _ in tempo.holds} | set(ramp_beats(tempo))
        # Of a step in which the file ends, there may be no mean: it is compared up to a position after the end.
        end = max(self.end, Fraction(1))
        until = min((at for at in changes if at > end), default=end)
        for quarter, following in pairwise([*sorted(at for at in changes if at < end), until]):
            _, theirs = self.tempi[bisect_right(self.tempi, quarter, key=itemgetter(0)) - 1]
            seconds = tempo.seconds(following) - tempo.seconds(quarter)
            ours = 1_000_000 * seconds / (following - quarter)
            if abs(theirs - ours) > 1:
                bar, beat = tempo.bar_beat(quarter)
                raise StemwrightError(
                    f"{self.path}: its tempo at bar {bar} beat {float(beat):.4g} is {60_000_000 / theirs:.6g} BPM, "
                    f"the song's {float(60_000_000 / ours):.6g}: correct one of them, or set tempo: ignore"
                )

    def describe_unplayed(self, notes: Sequence[MidiNote]) -> str:
        """What the file holds for the channels of some notes and is not played, for messages; empty if nothing."""
        channels = {note.channel for note in notes}
        counted: Counter[str] = Counter()
        for number in sorted({0, *channels} & self.unplayed.keys()):
            counted += self.unplayed[number]
        what = ", ".join(f"{name} ({count:,})" for name, count in counted.most_common())
        return f"channel {', '.join(map(str, sorted(channels)))}: not played: {what}" if what else ""

    def _describe_tracks(self) -> str:
        """The tracks that have notes, with names and channels, for messages."""
        has: dict[int, set[int]] = {}
        for note in self.notes:
            has.setdefault(note.track, set()).add(note.channel)
        words = [
            f"track {track} {self.tracks[track - 1]!r} (channel {', '.join(map(str, sorted(channels)))})"
            for track, channels in sorted(has.items())
        ]
        return "; ".join(words) or "no notes at all"


def read_midi(path: str) -> MidiFile:
    """Read a file. Raises StemwrightError if it is not a MIDI file of format 0 or 1, or damaged."""
    state = os.stat(path)
    return _read(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)  # each section that plays from a file reads it
def _read(path: str, size: int, _modified: int) -> MidiFile:
    if size > _MAX_BYTES:
        raise StemwrightError(f"{path}: is {size:,} bytes long; a MIDI file may have at most {_MAX_BYTES:,}")
    try:
        with open(path, "rb") as file:
            messages = parse_messages(file.read())
    except ValueError as error:
        raise StemwrightError(
            f"{path}: is not a MIDI file that can be read, or is damaged ({error}): export it again"
        ) from None
    if messages.format == 2:
        raise StemwrightError(f"{path}: is of format 2 (independent songs); export it as format 0 or 1")
    if messages.division <= 0:
        raise StemwrightError(
            f"{path}: does not count time in ticks per quarter note (SMPTE?); export it so that it does"
        )
    return _notes_and_tempi(path, messages)


def _notes_and_tempi(path: str, messages: Messages) -> MidiFile:
    """The notes, controls and tempi of a file, all tracks merged in order of time."""
    moments: list[tuple[int, int, Any]] = []
    ends: dict[int, int] = {}
    names: list[str] = []
    for number, (track, end) in enumerate(messages.tracks, 1):
        moments += [(tick, number, message) for tick, message in track]
        ends[number] = end
        names.append(next((m.name for _, m in track if m.type == "track_name"), ""))
    moments.sort(key=itemgetter(0, 1))

    def quarters(tick: int) -> Fraction:
        return Fraction(tick, messages.division)

    tempi = {Fraction(0): _DEFAULT_TEMPO}
    tempi |= {quarters(tick): m.tempo for tick, _, m in moments if m.type == "set_tempo"}
    if not all(tempi.values()):
        raise StemwrightError(f"{path}: has a tempo of 0 microseconds per quarter note: export it again")
    reader = ChannelReader(ends)
    notes = [
        MidiNote(quarters(start), quarters(max(end, start + 1)), *which)
        for start, end, *which in sorted(reader.notes(moments))
    ]
    return MidiFile(
        path,
        tuple(notes),
        tuple(names),
        tuple(sorted(tempi.items())),
        {channel: controls.moved(quarters) for channel, controls in reader.controls.items()},
        reader.unplayed,
        quarters(max(ends.values(), default=0)),
    )


def write_midi(
    path: str | os.PathLike,
    parts: Mapping[str, Sequence[Event]],
    tempo: TempoMap,
    *,
    drums: Collection[str] = (),
    markers: Sequence[tuple[Fraction, str]] = (),
) -> None:
    """Write parts to a MIDI file of format 1: a track of tempo, time signatures and markers, then a track per part.

    Times are rounded to 1/`TICKS` of a quarter note and velocities to 1/127; for the tempo, see `midi_tempo`.
    Slides are omitted. Each part has a
    channel, shared if there are more than 15 parts; channel 10 is that of drums alone. Names are written in UTF-8.

    Parameters
    ----------
    path
        The file to write.
    parts
        The events of each part by its name, which becomes the name of the track.
    tempo
        The tempo map of the song.
    drums
        The names of the parts that are drums.
    markers
        Markers, each with its position in quarters. The file is at least as long as they say.
    """
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS, charset="utf-8")
    moments: list[tuple[int, int, Any]] = []
    for quarter, signature in signatures(tempo):
        meta = mido.MetaMessage(
            "time_signature", numerator=signature.numerator, denominator=signature.denominator
        )
        if (clocks := 24 * signature.unit_quarters) != 24 and clocks.denominator == 1:
            meta = meta.copy(clocks_per_click=min(int(clocks), 255))
        moments.append((round(quarter * TICKS), 0, meta))
    moments += [(round(at * TICKS), 2, mido.MetaMessage("marker", text=text)) for at, text in markers]
    ends = [event.end for events in parts.values() for event in events] + [at for at, _ in markers]
    end = max(ends, default=Fraction(0))
    for tick, microseconds in tempo_steps(tempo, end, TICKS):
        moments.append((tick, 1, mido.MetaMessage("set_tempo", tempo=microseconds)))
    file.tracks.append(_track(mido, moments))
    channels = cycle(channel for channel in range(16) if channel != _DRUMS)
    for name, events in parts.items():
        moments = [(0, -1, mido.MetaMessage("track_name", name=name))]
        channel = _DRUMS if name in drums else next(channels)
        for event in events:
            key = {"channel": channel, "note": event.pitch}
            strength = max(1, round(event.velocity * 127))
            # On the same tick, note-offs come first.
            moments.append((round(event.end * TICKS), 0, mido.Message("note_off", **key)))
            moments.append((round(event.start * TICKS), 1, mido.Message("note_on", velocity=strength, **key)))
        file.tracks.append(_track(mido, moments))
    with atomic_write(path) as part:
        file.save(part)


def _track(mido: Any, moments: list[tuple[int, int, Any]]) -> Any:
    """A mido track of (tick, order within the tick, message)."""
    track, before = mido.MidiTrack(), 0
    for tick, _, message in sorted(moments, key=lambda moment: moment[:2]):
        track.append(message.copy(time=tick - before))
        before = tick
    return track
