"""Standard MIDI files (SMF 1.0, formats 0 and 1): notes read from them, and parts written to them.

Time is kept in quarters, exactly: a file's ticks are a part of a quarter, whatever its tempo. A note ends where its
note-off (or a note-on of velocity 0) stands; of notes of one pitch that overlap on a channel, the first to begin is the
first to end. While a channel's sustain pedal (controller 64) is down, notes last until it comes up, or the
pitch is struck again. What is never ended ends with its track.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write
from stemwright.music.parts._base import Event
from stemwright.music.timeline import TempoMap

TICKS = 10_080
"""Ticks a quarter in the files we write: 2⁵ · 3² · 5 · 7, so that 1/128, triplets and quintuplets are exact."""

_MAX_BYTES = 2_000_000
_PEDAL, _DOWN = 64, 64
_DEFAULT_TEMPO = 500_000  # microseconds a quarter, where a file says none


@dataclass(frozen=True, order=True)
class MidiNote:
    """A note of a file: start and end in quarters, MIDI pitch, velocity 1 to 127, track and channel from 1."""

    start: Fraction
    end: Fraction
    pitch: int
    velocity: int
    track: int
    channel: int


@dataclass(frozen=True)
class MidiFile:
    """A file's notes in order, the names of its tracks, and its tempi as (quarter, microseconds a quarter)."""

    path: str
    notes: tuple[MidiNote, ...]
    tracks: tuple[str, ...]
    tempi: tuple[tuple[Fraction, int], ...]
    end: Fraction

    def select(self, track: int | str | None, channel: int | None) -> list[MidiNote]:
        """The notes of a track (number from 1, or name), a channel, or both; of the only one, if neither is given.

        Raises StemwrightError where that is nothing, or could mean more than one.
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
        if track is None and channel is None and len({(note.track, note.channel) for note in found}) > 1:
            raise StemwrightError(
                f"{self.path}: say which track or channel to play; it has {self._describe_tracks()}"
            )
        return found

    def check_tempo(self, tempo: TempoMap) -> None:
        """Raises StemwrightError where the file's tempo is not the song's, to within the file's microsecond."""
        changes = {quarter for quarter, _ in self.tempi} | {
            tempo.bar_line(change.bar) for change in tempo.changes
        }
        for quarter in sorted(at for at in changes if at < max(self.end, 1)):
            theirs = next(us for at, us in reversed(self.tempi) if at <= quarter)
            ours = 60_000_000 / tempo.bpm(quarter)
            if abs(theirs - ours) > 1:
                bar, beat = tempo.bar_beat(quarter)
                raise StemwrightError(
                    f"{self.path}: its tempo at bar {bar} beat {float(beat):.4g} is {60_000_000 / theirs:.6g} BPM, "
                    f"the song's {float(tempo.bpm(quarter)):.6g}: mend one of them, or set tempo: ignore"
                )

    def _describe_tracks(self) -> str:
        """Its tracks with notes, in words."""
        has: dict[int, set[int]] = {}
        for note in self.notes:
            has.setdefault(note.track, set()).add(note.channel)
        words = [
            f"track {track} {self.tracks[track - 1]!r} (channel {', '.join(map(str, sorted(channels)))})"
            for track, channels in sorted(has.items())
        ]
        return "; ".join(words) or "no notes at all"


def read_midi(path: str) -> MidiFile:
    """A file's notes and tempi. Raises StemwrightError for what is no MIDI file, or a broken one."""
    state = os.stat(path)
    return _read(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4)  # every section that plays from it asks for it
def _read(path: str, size: int, _modified: int) -> MidiFile:
    import mido

    if size > _MAX_BYTES:
        raise StemwrightError(
            f"{path}: is {size:,} bytes long; of a MIDI file at most {_MAX_BYTES:,} are read"
        )
    try:
        file = mido.MidiFile(path)
    except Exception as error:  # whatever its bytes make the reader stumble over
        why = str(error) or "it ends too early"
        raise StemwrightError(
            f"{path}: is no MIDI file that can be read, or broken ({why}): export it again"
        ) from None
    if file.type == 2:
        raise StemwrightError(f"{path}: is of format 2 (songs side by side); export it as format 0 or 1")
    if file.ticks_per_beat <= 0:
        raise StemwrightError(f"{path}: does not count time in ticks a quarter note (SMPTE?); export it so")
    return _notes_and_tempi(path, file)


def _notes_and_tempi(path: str, file) -> MidiFile:
    """What a mido.MidiFile says: all its tracks side by side, in order of time."""
    moments, ends, names = [], {}, []
    for number, track in enumerate(file.tracks, 1):
        tick = 0
        for message in track:
            tick += message.time
            moments.append((tick, number, message))
        ends[number] = tick
        names.append(_decode_name(track.name))
    moments.sort(key=lambda moment: moment[:2])
    tempi = {Fraction(0): _DEFAULT_TEMPO}
    tempi |= {Fraction(t, file.ticks_per_beat): m.tempo for t, _, m in moments if m.type == "set_tempo"}
    if not all(tempi.values()):
        raise StemwrightError(f"{path}: has a tempo of no length at all: export it again")
    notes = sorted(
        MidiNote(
            Fraction(start, file.ticks_per_beat),
            Fraction(max(end, start + 1), file.ticks_per_beat),
            pitch,
            velocity,
            track,
            channel + 1,
        )
        for start, end, pitch, velocity, track, channel in _NoteTracker(ends).notes(moments)
    )
    end = Fraction(max(ends.values(), default=0), file.ticks_per_beat)
    return MidiFile(path, tuple(notes), tuple(names), tuple(sorted(tempi.items())), end)


def _decode_name(name: str) -> str:
    """A track's name, which mido reads as Latin-1, and programs write as UTF-8 as well."""
    try:
        return name.encode("latin-1").decode()
    except UnicodeError:
        return name


class _NoteTracker:
    """The keys and pedals of all channels while a file is gone through. `ends` has the last tick of each track."""

    def __init__(self, ends: Mapping[int, int]):
        self.ends = ends
        self.pressed: dict[
            tuple[int, int, int], list[tuple[int, int]]
        ] = {}  # (start, velocity) by track, channel, pitch
        self.pedalled: dict[
            tuple[int, int, int], list[tuple[int, int]]
        ] = {}  # the same: held by the pedal alone
        self.pedals: set[int] = set()

    def notes(self, moments: Iterable[tuple]) -> Iterator[tuple[int, int, int, int, int, int]]:
        """(start, end, pitch, velocity, track, channel) of every note; ticks, pitch and channel as in the file."""
        for tick, track, message in moments:
            if message.type == "control_change" and message.control == _PEDAL:
                if message.value >= _DOWN:
                    self.pedals.add(message.channel)
                else:
                    self.pedals.discard(message.channel)
                    for key in [key for key in self.pedalled if key[1] == message.channel]:
                        yield from self._end_notes(self.pedalled, key, tick)
            elif message.type in ("note_on", "note_off"):
                key = (track, message.channel, message.note)
                if message.type == "note_on" and message.velocity:
                    yield from self._end_notes(self.pedalled, key, tick)
                    self.pressed.setdefault(key, []).append((tick, message.velocity))
                elif self.pressed.get(key):
                    self.pedalled.setdefault(key, []).append(self.pressed[key].pop(0))
                    if message.channel not in self.pedals:
                        yield from self._end_notes(self.pedalled, key, tick)
        for keys in (self.pressed, self.pedalled):
            for key in list(keys):
                yield from self._end_notes(keys, key, self.ends[key[0]])

    @staticmethod
    def _end_notes(keys: dict, key: tuple[int, int, int], tick: int) -> Iterator[tuple]:
        track, channel, pitch = key
        for start, velocity in keys.pop(key, ()):
            yield start, tick, pitch, velocity, track, channel


def write_midi(path: str | os.PathLike, parts: Mapping[str, Sequence[Event]], tempo: TempoMap) -> None:
    """Write parts to a file of format 1: a track of tempo and meter, then one a part, by name, each on its channel.

    Times are rounded to 1/`TICKS` of a quarter, velocities to 1/127; slides are left out. Channel 10, which is
    for drums, is not used.
    """
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    moments: list[tuple[int, int, object]] = []
    for change in tempo.changes:
        at = round(tempo.bar_line(change.bar) * TICKS)
        meter = {
            "numerator": change.time_signature.numerator,
            "denominator": change.time_signature.denominator,
        }
        moments.append((at, 0, mido.MetaMessage("time_signature", **meter)))
        moments.append((at, 1, mido.MetaMessage("set_tempo", tempo=round(60_000_000 / change.bpm))))
    file.tracks.append(_track(mido, moments))
    channels = [channel for channel in range(16) if channel != 9]
    for number, (name, events) in enumerate(parts.items()):
        moments = [(0, -1, mido.MetaMessage("track_name", name=name))]
        for event in events:
            key = {"channel": channels[number % len(channels)], "note": event.pitch}
            strength = max(1, round(event.velocity * 127))
            # Of what stands on one tick, notes end first.
            moments.append((round(event.end * TICKS), 0, mido.Message("note_off", **key)))
            moments.append((round(event.start * TICKS), 1, mido.Message("note_on", velocity=strength, **key)))
        file.tracks.append(_track(mido, moments))
    with atomic_write(path) as part:
        file.save(part)


def _track(mido, moments: list[tuple[int, int, object]]):
    track, before = mido.MidiTrack(), 0
    for tick, _, message in sorted(moments, key=lambda moment: moment[:2]):
        track.append(message.copy(time=tick - before))
        before = tick
    return track
