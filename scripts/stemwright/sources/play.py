"""An instrument playing a part in each section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated

import numpy as np

from stemwright import instruments
from stemwright.audio import Stream
from stemwright.audio.fades import ramp
from stemwright.instruments import Note
from stemwright.music import parts
from stemwright.music.harmony.section import Harmony
from stemwright.music.parts import Event, Part, Span
from stemwright.music.parts._base import parse_step
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Section, round_half_up
from stemwright.sources._base import below
from stemwright.sources._feel import EVERYWHERE, Feel
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Field

_CUT_S = 0.005


@dataclass(frozen=True)
class Play(Feel):
    """An instrument that plays a part in each section; a part's pattern repeats to fill its section.

    A note is held in memory whole: up to 200 MB for each minute that it lasts.
    """

    instrument: Annotated[
        dict, Choice("stemwright.instruments"), Field("The instrument: one kind and its keys.")
    ]
    parts: Annotated[
        dict[str, Annotated[dict, Choice("stemwright.music.parts", allow_empty=True)]],
        Field("What is played in each section, by section name; * is every section not named.", min_length=1),
    ]
    step: Annotated[
        str, Field("The length of one step, where a part does not say its own.", parse=parse_step)
    ] = "1/8"
    transpose: Annotated[
        int, Field("Moves all notes up, those given by name too.", "semitones", ge=-48, le=48)
    ] = 0

    def sections(self) -> list[tuple[tuple, str]]:
        named = [(("parts", name), name) for name in self.parts]
        named += [(("parts", name, "same", "section"), other) for name, other in self._same()]
        return [(where, name) for where, name in named if name != EVERYWHERE]

    def input_files(self) -> list[tuple[tuple, str]]:
        kind, instrument = self._instrument()
        files = [(("instrument", kind, *where), path) for where, path in instrument.input_files()]
        for name, entry in self.parts.items():
            for kind in entry:
                files += [
                    (("parts", name, kind, *where), path) for where, path in parts.make(entry).input_files()
                ]
        return files

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
        kind, instrument = self._instrument()
        for where, message in instrument.problems(context):
            yield ("instrument", kind, *where), message
        for name, entry in self.parts.items():
            for kind in entry:
                for where, message in parts.make(entry).problems(context):
                    yield ("parts", name, kind, *where), message
        lost = {name: why for name, _ in self._same() if (why := self._lost(name))}
        for name, why in lost.items():
            yield ("parts", name, "same", "section"), why
        if lost:
            return
        for section, harmony in self._spans(context):
            name, part = self._part(section.name)
            if part is not None:
                where = ("parts", name, *self.parts[name])
                for message in self._mistakes(part, section, harmony, context):
                    yield where, message

    def _mistakes(
        self, part: Part, section: Section, harmony: Harmony, context: RenderContext
    ) -> Iterator[str]:
        """What is wrong with a part in a section."""
        for use in part.uses:
            if not getattr(harmony, use):
                remedy = "give it a chart (its key chords)" if use == "chords" else "nor has the song"
                yield (
                    f"section {section.name} has no {use}: {remedy}"
                    if section.name
                    else f"the song has no {use}"
                )
                return
        mistakes: list[tuple[Fraction, str]] = []
        part.items(self._span(part, section, harmony, context, {}), lambda *mistake: mistakes.append(mistake))
        for at, message in mistakes:
            yield f"{context.timeline.tempo.describe(at, section.start)}: {message}"

    def render(self, context: RenderContext) -> Stream:
        kind, instrument = self._instrument()
        own = replace(context, files=below(context.files, "instrument", kind))
        return _faded(instrument.play(self.notes(context), own), context)

    def events(self, context: RenderContext) -> Iterator[tuple[Section, Event]]:
        """Every note as it is written, with the section it is played in."""
        for section, harmony in self._spans(context):
            name, part = self._part(section.name)
            if part is not None:
                files = below(context.files, "parts", name, *self.parts[name])
                for event in part.events(self._span(part, section, harmony, context, files)):
                    yield section, event

    def notes(self, context: RenderContext) -> list[Note]:
        """Every note as it is played, in order: with swing and humanising, on its frame."""
        notes = (self._played(event, section, context) for section, event in self.events(context))
        return sorted(notes, key=lambda note: (note.frame, note.pitch, note.frames, note.velocity))

    def _played(self, event: Event, section: Section, context: RenderContext) -> Note:
        tempo = context.timeline.tempo
        start, end = (tempo.seconds(self.swung(at, section.start)) for at in (event.start, event.end))
        place = f"{event.pitch}/{event.start}"
        frame, velocity = self.humanised(round_half_up(start * context.rate), event.velocity, place, context)
        return Note(
            frame=frame,
            # Rounded for itself, not as the difference of two frames, so that equal lengths stay equal sounds;
            # and no longer than the song, which a note that a MIDI file never ends would else outlast by hours.
            frames=max(1, min(round_half_up((end - start) * context.rate), context.frames - frame)),
            pitch=float(event.pitch + self.transpose),
            velocity=velocity,
            glide_from=None if event.slide_from is None else float(event.slide_from + self.transpose),
        )

    def _instrument(self):
        ((kind, _),) = self.instrument.items()
        return kind, instruments.make(self.instrument)

    def _part(self, section: str) -> tuple[str, Part | None]:
        """The part that a section plays, if any, and the name it is written under."""
        name, entry = section, {"same": {"section": section}}
        while "same" in entry:
            name = entry["same"]["section"]
            name = name if name in self.parts else EVERYWHERE
            entry = self.parts.get(name, {})
        return name, parts.make(entry) if entry else None

    def _lost(self, name: str) -> str:
        """Why there is no part where a section's `same` leads to, if so."""
        seen = [name]
        while "same" in (entry := self.parts[name]):
            name = entry["same"]["section"]
            name = name if name in self.parts else EVERYWHERE
            if name in seen:
                return f"goes round in a circle ({' → '.join([*seen, name])})"
            if name not in self.parts:
                return f"plays nothing: there is no part of {entry['same']['section']!r}, nor one of {EVERYWHERE!r}"
            seen.append(name)
        return ""

    def _same(self) -> list[tuple[str, str]]:
        """(section, the section whose part it names) of all that do so."""
        return [(name, entry["same"]["section"]) for name, entry in self.parts.items() if "same" in entry]

    def _spans(self, context: RenderContext) -> Iterator[tuple[Section, Harmony]]:
        spans = context.timeline.sections_or_all
        harmony = [Harmony.from_dict(facts) for facts in context.harmony] or [Harmony()] * len(spans)
        return zip(spans, harmony, strict=True)

    def _span(
        self, part: Part, section: Section, harmony: Harmony, context: RenderContext, files: dict
    ) -> Span:
        step = parse_step(part.step or self.step)
        return Span(section.start, section.end, context.timeline.tempo, step, harmony, files)


def _faded(stream: Stream, context: RenderContext) -> Stream:
    """The stream, faded out where the song's end would cut into a note."""
    fade, at = round(_CUT_S * context.rate), 0
    for block in stream:
        end = at + len(block)
        if end > context.frames - fade:
            block = block * ramp(context.frames - 1 - np.arange(at, end), fade)[:, None]
        yield block
        at = end
