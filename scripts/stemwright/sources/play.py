"""An instrument that plays a part in each section."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Annotated

import numpy as np

from stemwright import instruments
from stemwright.audio import Stream
from stemwright.audio.fades import ramp
from stemwright.instruments import Instrument, Note
from stemwright.music import parts
from stemwright.music.component import below
from stemwright.music.controls import Controls
from stemwright.music.curve import Curve
from stemwright.music.expression import Channels, Motion, with_vibrato
from stemwright.music.harmony.section import Harmony
from stemwright.music.parts import Event, Part, Span
from stemwright.music.parts._base import parse_step
from stemwright.music.played import PlayedNote, under_controls
from stemwright.music.render_context import RenderContext
from stemwright.music.repeats import described_misfits
from stemwright.music.timeline import Section, TempoMap, round_half_up
from stemwright.sources._base import Source
from stemwright.sources._feel import OTHER_SECTIONS, Feel
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Field

_FADE_S = 0.005
_SHORT_S = Fraction(1, 10)
"""What a palm-muted note lasts at most on an instrument that has no palm."""


@dataclass(frozen=True)
class Play(Feel):
    """An instrument that plays a part in each section; the pattern of a part repeats to fill its section.

    Each note is rendered in memory as a whole: up to 200 MB per minute of its length.
    """

    example = """
    instrument: {preset: {name: mini-bass}}
    parts:
      verse: {degrees: "1 . 5 . 1' . 3 -"}
      bridge: {same: verse}
      "*": {chords: x--x--x-}
    transpose: -24"""

    instrument: Annotated[
        dict, Choice("stemwright.instruments"), Field("The instrument: one kind and its keys.")
    ]
    parts: Annotated[
        dict[str, Annotated[dict, Choice("stemwright.music.parts", allow_empty=True)]],
        Field("The part of each section, by section name; * is every section not named.", min_length=1),
    ]
    step: Annotated[str, Field("The length of one step, for parts without their own.", parse=parse_step)] = (
        "1/8"
    )
    transpose: Annotated[
        int, Field("Transposes all notes, including those given by name.", "semitones", ge=-48, le=48)
    ] = 0

    def by_section(self) -> dict[str, dict]:
        return self.parts

    def sections(self) -> list[tuple[tuple, str]]:
        named: list[tuple[tuple, str]] = [(("parts", name), name) for name in self.parts]
        named += [(("parts", name, "same", "section"), other) for name, other in self._references()]
        return [(where, name) for where, name in named if name != OTHER_SECTIONS]

    def input_files(self) -> list[tuple[tuple, str]]:
        kind, instrument = self._instrument()
        files: list[tuple[tuple, str]] = [
            (("instrument", kind, *where), path) for where, path in instrument.input_files()
        ]
        for name, entry in self.parts.items():
            for kind in entry:
                files += [
                    (("parts", name, kind, *where), path) for where, path in parts.make(entry).input_files()
                ]
        return files

    def recordings(self) -> list[tuple[str, float]]:
        return [(path, 0.0) for path in self._instrument()[1].recordings()]

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        kind, instrument = self._instrument()
        yield from ((("instrument", kind, *where), what) for where, what in instrument.lacks())

    def modules(self) -> list[str]:
        kind, instrument = self._instrument()
        played = {
            registry.module_name("stemwright.music.parts", kind)
            for entry in self.parts.values()
            for kind in entry
        }
        return [registry.module_name("stemwright.instruments", kind), *instrument.modules(), *sorted(played)]

    def libraries(self) -> dict[str, str]:
        return self._instrument()[1].libraries()

    def uses(self, section: str) -> tuple[str, ...]:
        _, part = self._part(section)
        return part.uses if part else ()

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from super().problems(context)
        kind, instrument = self._instrument()
        for where, message in instrument.problems(context):
            yield ("instrument", kind, *where), message
        for name, entry in self.parts.items():
            for kind in entry:
                for where, message in parts.make(entry).problems(context):
                    yield ("parts", name, kind, *where), message
        unresolved = {name: why for name, _ in self._references() if (why := self._unresolved(name))}
        for name, why in unresolved.items():
            yield ("parts", name, "same", "section"), why
        if unresolved:
            return
        for section, harmony in self._sections(context):
            name, part = self._part(section.name)
            if part is not None:
                where = ("parts", name, *self.parts[name])
                for message in self._mistakes(part, section, harmony, context):
                    yield where, message

    def doubts(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        tempo = context.required_timeline().tempo
        found: dict[tuple, None] = {}  # sections of one name are told once
        for section, harmony in self._sections(context):
            name, part = self._part(section.name)
            if part is None:
                continue
            if written := part.written(self._span(part, section, harmony, context, {})):
                for message in described_misfits(written, section, tempo):
                    found[("parts", name, *self.parts[name]), message] = None
        yield from found

    def remarks(self, context: RenderContext) -> Iterator[str]:
        kind, instrument = self._instrument()
        yield from instrument.remarks(replace(context, files=below(context.files, "instrument", kind)))
        if not instrument.mutes and any(event.is_muted for _, event in self.events(context)):
            yield f"palm mute (m) is not an articulation of {kind}: these notes are made short instead"
        for name, entry in self.parts.items():
            for kind in entry:
                files = below(context.files, "parts", name, kind)
                yield from parts.make(entry).remarks(replace(context, files=files))

    def _mistakes(
        self, part: Part, section: Section, harmony: Harmony, context: RenderContext
    ) -> Iterator[str]:
        """The mistakes of a part in a section, each with its bar and beat."""
        for use in part.uses:
            if not getattr(harmony, use):
                remedy = (
                    ": give it a chart (its key chords)" if use == "chords" else ", and neither has the song"
                )
                yield (
                    f"section {section.name} has no {use}{remedy}"
                    if section.name
                    else f"the song has no {use}"
                )
                return
        mistakes: list[tuple[Fraction, str]] = []
        part.items(self._span(part, section, harmony, context, {}), lambda *mistake: mistakes.append(mistake))
        for at, message in mistakes:
            yield f"{context.required_timeline().tempo.describe(at, section.start)}: {message}"

    def render(self, context: RenderContext) -> Stream:
        kind, instrument = self._instrument()
        own = replace(self.seeded(context), files=below(context.files, "instrument", kind))
        return _fade_at_end(instrument.play(self.notes(context), own), context)

    def events(self, context: RenderContext) -> Iterator[tuple[Section, Event]]:
        """Every note as written, with the section it is played in, section by section."""
        for section, harmony in self._sections(context):
            name, part = self._part(section.name)
            if part is not None:
                files = below(context.files, "parts", name, *self.parts[name])
                for event in part.events(self._span(part, section, harmony, context, files)):
                    yield section, event

    def scores(self) -> list[tuple[str, Source]]:
        return [
            ("", Play({"organ": {}}, self.parts, self.step, self.transpose))
        ]  # any instrument: none sounds

    def written(self, context: RenderContext) -> Iterator[Event]:
        yield from (replace(event, pitch=event.pitch + self.transpose) for _, event in self.events(context))

    def performances(self) -> list[tuple[str, Source]]:
        # What sounds is no matter, but for one thing: who cannot damp a note plays it short.
        return [("", self if self._instrument()[1].mutes else replace(self, instrument={"organ": {}}))]

    def played(self, context: RenderContext) -> Iterator[PlayedNote]:
        for note in self.notes(context):
            pitch, frames = under_controls(note.pitch, note.controls, note.written, note.frames)
            yield PlayedNote(note.frame, note.frame + frames, pitch, note.midi_velocity)

    @property
    def sounds_below(self) -> bool:
        return self._instrument()[1].sounds_below

    def notes(self, context: RenderContext) -> list[Note]:
        """Every note as played, with swing and humanising, in ascending order of frames."""
        tempo, step = context.required_timeline().tempo, 4 * parse_step(self.step).notes
        (_, instrument), dynamics = self._instrument(), self.dynamics_curve(context)
        notes: list[Note] = []
        moving: list[tuple[Note, Motion]] = []
        moved: dict[tuple[Controls, Fraction], Controls] = {}  # all notes of a channel have the same controls
        for section, event in self.events(context):
            seconds = partial(self._seconds, section.start, step, tempo)
            place = f"{event.pitch}/{event.start}"
            if self.is_left_out(event.is_ghost, place, event.turn, context):
                continue
            span = seconds(event.start), seconds(event.end)
            note = self._note(event, span, place, instrument, context, dynamics)
            if not context.is_played(note.written):
                continue
            motion = _motion(event, instrument)
            if event.controls is not None:
                which = event.controls, section.start if self.swing != 0.5 else Fraction(0)
                if which not in moved:
                    in_frames = event.controls.moved(partial(_frame, seconds, context.rate))
                    moved[which] = with_vibrato(in_frames, context.rate, context.frames)
                note = replace(note, controls=moved[which])
            if motion == Motion():
                notes.append(note)
            else:
                moving.append((note, motion))
        return sorted([*notes, *_moved(moving, context.rate)], key=_order)

    def _seconds(self, start: Fraction, step: Fraction, tempo: TempoMap, at: Fraction) -> Fraction:
        """The time in seconds of a position in a section that begins at `start`, both in quarters, with swing."""
        return tempo.seconds(self.apply_swing(at, start, step))

    def _note(
        self,
        event: Event,
        span: tuple[Fraction, Fraction],
        place: str,
        instrument: Instrument,
        context: RenderContext,
        dynamics: Curve,
    ) -> Note:
        """A note as played, from its start and end in seconds: frames, velocity and transposed pitch."""
        start, end = span[0] + event.later_s, span[1] + event.longer_s
        if event.is_muted and not instrument.mutes:
            end = min(end, start + _SHORT_S)
        written = round_half_up(start * context.rate)
        frame, velocity = self.humanise(written, event.velocity, place, context, event.turn, dynamics)
        return Note(
            frame=frame,
            written=written,
            # The length is rounded, not the end, so that equal lengths are equal sounds. It is limited to the end of
            # the song: a note that a MIDI file never ends could last for hours.
            frames=max(1, min(round_half_up((end - start) * context.rate), context.frames - frame)),
            pitch=float(event.pitch + self.transpose),
            velocity=velocity,
            glide_from=(
                float(event.slide_from + self.transpose)
                if event.slide_from is not None and instrument.glides
                else None
            ),
            place=place,
            is_muted=event.is_muted and instrument.mutes,
        )

    def _instrument(self) -> tuple[str, Instrument]:
        """The instrument and its kind."""
        ((kind, _),) = self.instrument.items()
        return kind, instruments.make(self.instrument)

    def _part(self, section: str) -> tuple[str, Part | None]:
        """The name under which the part of a section is written, and the part, or None if it has none."""
        name, entry = section, {"same": {"section": section}}
        while "same" in entry:
            name = entry["same"]["section"]
            name = name if name in self.parts else OTHER_SECTIONS
            entry = self.parts.get(name, {})
        return name, parts.make(entry) if entry else None

    def _unresolved(self, name: str) -> str:
        """Why the `same` of a section leads to no part; empty if it leads to one."""
        seen = [name]
        while "same" in (entry := self.parts[name]):
            name = entry["same"]["section"]
            name = name if name in self.parts else OTHER_SECTIONS
            if name in seen:
                return f"is circular ({' → '.join([*seen, name])})"
            if name not in self.parts:
                return (
                    f"plays nothing: there is no part for {entry['same']['section']!r} or {OTHER_SECTIONS!r}"
                )
            seen.append(name)
        return ""

    def _references(self) -> list[tuple[str, str]]:
        """(section, section whose part it plays) of every part that is a `same`."""
        return [(name, entry["same"]["section"]) for name, entry in self.parts.items() if "same" in entry]

    def _sections(self, context: RenderContext) -> Iterator[tuple[Section, Harmony]]:
        """The sections of the song with their harmony."""
        spans = context.required_timeline().sections_or_all
        harmony = [Harmony.from_dict(entry) for entry in context.harmony] or [Harmony()] * len(spans)
        return zip(spans, harmony, strict=True)

    def _span(
        self, part: Part, section: Section, harmony: Harmony, context: RenderContext, files: dict
    ) -> Span:
        step = parse_step(part.step or self.step)
        return Span(section.start, section.end, context.required_timeline().tempo, step, harmony, files)


def _motion(event: Event, instrument: Instrument) -> Motion:
    """How the pitch of a note moves by the signs at it."""
    slides = event.slide_from is not None and not instrument.glides
    return Motion(
        slide=float((event.slide_from or 0) - event.pitch) if slides else 0.0,
        bend=event.bend,
        vibrato=event.has_vibrato,
    )


def _moved(moving: list[tuple[Note, Motion]], rate: int) -> Iterator[Note]:
    """The notes that move by themselves, each with its controls."""
    channels = Channels(rate)
    numbers = []
    moving = sorted(moving, key=lambda each: _order(each[0]))
    for note, motion in moving:
        numbers.append(channels.add(motion, note.frame, note.frames))
    controls = channels.controls()
    for (note, _), number in zip(moving, numbers, strict=True):
        yield replace(note, controls=controls[number], written=note.frame)


def _order(note: Note) -> tuple[int, float, int, float]:
    return note.frame, note.pitch, note.frames, note.velocity


def _frame(seconds: Callable[[Fraction], Fraction], rate: int, at: Fraction) -> int:
    """The frame of a position, of which `seconds` tells the time."""
    return round_half_up(seconds(at) * rate)


def _fade_at_end(stream: Stream, context: RenderContext) -> Stream:
    """The stream with a short fade-out at the song's end, which may cut into a note."""
    fade, at = round(_FADE_S * context.rate), 0
    for block in stream:
        end = at + len(block)
        if end > context.frames - fade:
            block = block * ramp(context.frames - 1 - np.arange(at, end), fade)[:, None]
        yield block
        at = end
