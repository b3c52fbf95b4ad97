"""A line of notes by name, each with its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.music.parts._base import (
    ACCENT,
    GHOST,
    PLAIN,
    TIE,
    Event,
    Items,
    Part,
    ReportMistake,
    Span,
    fill,
    parse_pattern,
    raise_mistake,
    scale_velocity,
)
from stemwright.music.pitch import parse_note
from stemwright.music.timeline import Duration, parse_duration
from stemwright.validation.fields import Field

_ENTRY = re.compile(r"(.*?)\s+(\d.*)")
_NOTE = re.compile(r"(~?)([^~()>]+)(>?)")
_REST, _TIE = "rest", "-"
_EXPECTED = "must be notes and a length, such as E4 1/4, C4 E4 G4 1/2, rest 1/8 or - 1/4 (held on)"


@dataclass(frozen=True)
class Notes(Part):
    """Notes by name with their lengths, as in `notes: E4 1/4, G4 1/8., rest 1/16, C4 E4 G4 1/2 | …`.

    Several names before a length sound together; `- 1/4` holds on what sounded before. A note may have an accent
    (`E4>`), be a ghost note (`(E4)`), or be slid into (`~E4`). A `|` must stand at a bar line: it is checked.
    They are as written, whatever the key.
    """

    pattern: Annotated[str, Field("Notes with their lengths, separated by commas.", parse=parse_pattern)]
    velocity: Annotated[float, Field("Velocity of a plain note.", gt=0, le=1)] = PLAIN

    def items(self, span: Span, report_mistake: ReportMistake) -> Items:
        items: list[tuple[Duration, object]] = []
        at, last = span.start, None
        bars = self.pattern.split("|")
        for number, bar in enumerate(bars):
            if number and bars[number - 1].strip() and span.tempo.bar_beat(at)[1] != 1:
                report_mistake(at, "a | stands here, where no bar ends: mend the lengths before it")
            for text in filter(None, map(str.strip, bar.split(","))):
                what, length = None, Duration()
                try:
                    names, length = self._entry(text)
                    what, last = self._notes(names, last, items)
                except ValueError as error:
                    report_mistake(at, str(error))
                items.append((length, what))
                at = span.tempo.advance(at, length)
        if not items:
            report_mistake(at, "must have at least one note")
        return items

    def events(self, span: Span) -> Iterator[Event]:
        for start, end, notes in fill(self.items(span, raise_mistake), span):
            for pitch, mark, slide in notes:
                yield Event(start, end, pitch, scale_velocity(self.velocity, mark), slide)

    def _entry(self, text: str) -> tuple[list[str], Duration]:
        match = _ENTRY.fullmatch(text)
        if not match or not match[1]:
            raise ValueError(f"{_EXPECTED} (is {text!r})")
        length = parse_duration(match[2])
        if length.seconds or not length:
            raise ValueError(f"must have a length in notes, beats or bars, and not 0 (is {text!r})")
        return match[1].split(), length

    def _notes(self, names: list[str], last: int | None, items: list) -> tuple[object, int | None]:
        """What an entry plays, and the pitch that the next may slide from."""
        if names == [_REST]:
            return None, last
        if names == [_TIE]:
            if not any(what is not None for _, what in items[-1:]):
                raise ValueError("- holds a note on, and there is none before it")
            return TIE, last
        notes = []
        for name in names:
            ghost = name.startswith("(") and name.endswith(")")
            match = _NOTE.fullmatch(name[1:-1] if ghost else name)
            pitch = parse_note(match[2] if match else name)
            if match[1] and last is None:
                raise ValueError(f"{name} slides from the note before, and there is none")
            mark = GHOST if ghost else ACCENT if match[3] else PLAIN
            notes.append((pitch, mark, last if match[1] else None))
        return tuple(notes), notes[0][0]
