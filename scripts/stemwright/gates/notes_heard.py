"""Heard notes: each note that a stem plays is heard in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.delivery.performance import read_notes
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure import Meter
from stemwright.measure.heard_notes import HeardNotes
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_FEWEST, _LEAST = 8, 0.25  # with fewer notes that can be judged, or a smaller share of them, nothing is said
_SILENT = 1e-6  # of the power of the stem's median note: 60 dB below it
_LOW = 0.5  # the share of its notes of which the octave below is heard, in a stem that sounds an octave low


@dataclass(frozen=True)
class NotesHeard(Gate):
    """A partial of each note of a stem rises at its onset and at its pitch.

    It judges the stems that play notes, in songs with `annotations`, or where `gates` name it; not drums. Of the odd
    partials of a note, those count that no other note has which sounds then. A note is not judged if others mask it, if
    it rings on from before, or if it is short for its pitch: four periods at least. With fewer than eight notes that
    can be judged, or fewer than a quarter of all, the gate is skipped. It refuses a stem

    - of which too few notes are heard: wrong octave, wrong notes, noise, one tone.
    - that is silent where notes are written.
    - in which the notes an octave below are heard, but for instruments that have partials below their notes.
    - whose notes rise late.

    Measured with 196 melodies and chords at random, for our presets and 24 of FluidR3_GM's (`bench/heard_notes.py`).
    161 of them can be judged: of 85 % of these all notes are heard, of the worst, fast notes of an organ, 56 %. Of the
    same a semitone off, 13 % of the notes are heard in the median, and 53 % at most; an octave too high few, but for
    instruments with lower partials, which hide it. Where notes bend for most of their length, and for Tubular Bells and
    Guitar Harmonics of a SoundFont, which have no partials where their notes are, set the gate to false.

    Source: our own. The faults: github.com/ethman/slakh-utils, issues 17 and 21. Remedy:
    correct the notes, the octave of the instrument, or its file.
    """

    stages = ("stem",)
    needs = "the notes of a song"
    example = "{error: 0.4}"

    error: Annotated[float, Field("Least share of its notes that must be heard.", ge=0, le=1)] = 0.5
    warn: Annotated[float, Field("Below this share it is warned about.", ge=0, le=1)] = 0.9
    late_ms: Annotated[float, Field("How late its notes may rise, in the median.", "ms", ge=10, le=1000)] = (
        200.0
    )

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Stems whose notes are known, but for drums."""
        return (
            super().applies(song, artifact)
            and bool(artifact.compared_with)
            and not song.source(artifact.stem).rhythmic
        )

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`sounds_below`: whether its instruments have partials below their notes."""
        return {"sounds_below": song.source(artifact.stem).sounds_below}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`notes`: the table of its notes."""
        return {"notes": artifact.compared_with}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        (path,) = subject.inputs["notes"]
        rate = subject.format["sample_rate"]
        notes = (
            (round(note.onset * rate), round(note.duration * rate), note.pitch)
            for note in read_notes(path)
            if not note.piece
        )
        return (HeardNotes(tuple(notes)),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        if not meter.finite:
            return [self.not_finite("notes_heard")]
        places = [(frame, frames) for frame, frames, _ in meter.notes]
        heard = meter.heard
        judged = [index for index, note in enumerate(heard) if note.db is not None]
        if len(judged) < max(_FEWEST, _LEAST * len(heard)):
            reason = f"{len(judged)} of {len(heard)} notes can be judged: too few, or other notes mask them"
            return [Check("notes_heard", "skip", reason=reason)]
        missing = [index for index in judged if not heard[index].is_heard]
        share = 1 - len(missing) / len(judged)
        found = f"{len(judged) - len(missing):,} of {len(judged):,} notes"
        status = self.failed() if share < self.error else "warn" if share < self.warn else "pass"
        remedy = "correct the notes of the stem, or what its instrument plays them at"
        limit = f">= {self.error:.0%}"
        return [
            Check("notes_heard", status, found, "", limit, "", remedy, [places[index] for index in missing]),
            *self._silence(heard, places),
            *self._lateness_and_octave(subject, [heard[index] for index in judged if heard[index].is_heard]),
        ]

    def _silence(self, heard: Sequence[Any], places: Sequence[tuple[int, int]]) -> list[Check]:
        """The notes at which it is silent."""
        powers = np.array([note.power for note in heard])
        silent = np.flatnonzero(powers <= _SILENT * np.median(powers))
        return [
            Check(
                "notes_heard.silence",
                self.failed() if len(silent) else "pass",
                len(silent),
                "silent notes",
                "0",
                "nothing sounds where a note is written" if len(silent) else "",
                "find out why the source plays nothing there",
                [places[int(index)] for index in silent],
            )
        ]

    def _lateness_and_octave(self, subject: Subject, heard: Sequence[Any]) -> list[Check]:
        """How late the notes that are heard rise, and whether they are those an octave below; of a few, nothing.

        A few may be heard by chance, in other notes than those that are written.
        """
        if len(heard) < _FEWEST:
            return []
        late = 1000 * float(np.median([note.late_s for note in heard]))
        checks = [
            Check(
                "notes_heard.late",
                self.failed() if late > self.late_ms else "pass",
                round(late, 1),
                "ms",
                f"<= {self.late_ms:g}",
                remedy="find out what delays the stem",
            )
        ]
        if subject.context["sounds_below"]:
            reason = "its instrument has partials below its notes"
            return [*checks, Check("notes_heard.octave", "skip", reason=reason)]
        share = sum(note.is_low for note in heard) / len(heard)
        status = self.failed() if share > _LOW else "pass"
        remedy = "transpose the stem by 12, or choose an instrument that sounds where it is written"
        return [
            *checks,
            Check(
                "notes_heard.octave", status, f"{share:.0%}", "an octave low", f"<= {_LOW:.0%}", "", remedy
            ),
        ]
