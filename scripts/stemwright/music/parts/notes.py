"""A melodic line of note names, each with its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.music.parts._base import (
    PLAIN,
    TIE,
    Event,
    Items,
    Part,
    ReportMistake,
    Span,
    Tie,
    fill,
    parse_pattern,
    raise_mistake,
)
from stemwright.music.parts._signs import GRACE, SIGNS, Played
from stemwright.music.pitch import parse_note
from stemwright.music.repeats import REPEAT, Written, repeats_anywhere
from stemwright.music.timeline import Duration, parse_duration
from stemwright.validation.fields import Field

_ENTRY = re.compile(r"(.*?)\s+(\d.*)")
_NOTE = re.compile(f"(~?)(?:([^~()`]+?){GRACE})?([^~()>._m^/`]+){SIGNS}")
_REST, _TIE = "rest", "-"
_EXPECTED = (
    "must be notes and a length, with commas between, such as: E4 1/4, C4 E4 G4 1/2, rest 1/8, - 1/4 (tie)"
)
_NO_COMMA = re.compile(r"\s[~(]?[A-G]")  # a note after a length
_Played = tuple[Played, ...]


@dataclass(frozen=True)
class Notes(Part):
    """Note names with lengths, as in `notes: E4 1/4, G4 1/8., rest 1/16, C4 E4 G4 1/2 | …`, independent of the key.

    Several names before a length sound together; `- 1/4` extends what was played before. A note may be a ghost note
    (`(E4)`), begin with a slide from the note before (`~E4`), have a grace note before it (``D4`E4``), and the signs
    after it that `degrees` have: `E4>`, `E4.`, `E4_`, `E4m`, `E4~`, `E4^`, `E4///`. Each `|` must be at a bar line;
    this is checked. A pattern that ends in `:|` repeats there, wherever that is.
    """

    example = '{pattern: "E4 1/4, G4> 1/8., rest 1/16, C4 E4 G4 1/2 | ~F4 1/2, - 1/2"}'

    pattern: Annotated[str, Field("Notes with their lengths, separated by commas.", parse=parse_pattern)]
    velocity: Annotated[float, Field("Velocity of a plain note.", gt=0, le=1)] = PLAIN

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[_Played]:
        items: list[tuple[Duration, _Played | Tie | None]] = []
        at = span.start
        last: int | None = None
        bars = self.pattern.strip().removesuffix(REPEAT).split("|")
        for number, bar in enumerate(bars):
            if number and bars[number - 1].strip() and span.tempo.bar_beat(at)[1] != 1:
                report_mistake(at, "a | must be at a bar line: correct the lengths before it")
            for text in filter(None, map(str.strip, bar.split(","))):
                what: _Played | Tie | None = None
                length = Duration()
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

    def written(self, span: Span) -> Written:
        at = span.start  # bar lines in it are checked as it is read
        for length, _ in self.items(span, raise_mistake):
            at = span.tempo.advance(at, length)
        return Written([at - span.start], repeats_anywhere(self.pattern))

    def events(self, span: Span) -> Iterator[Event]:
        for start, end, notes, turn in fill(self.items(span, raise_mistake), span):
            for note in notes:
                yield from note.events(start, end, turn, self.velocity)

    def _entry(self, text: str) -> tuple[list[str], Duration]:
        """The names and the length of an entry. Raises ValueError."""
        match = _ENTRY.fullmatch(text)
        if not match or not match[1] or _NO_COMMA.search(match[2]):
            raise ValueError(f"{_EXPECTED} (is {text!r})")
        length = parse_duration(match[2])
        if length.seconds or not length:
            raise ValueError(f"must have a length in notes, beats or bars, and not 0 (is {text!r})")
        return match[1].split(), length

    def _notes(
        self, names: list[str], last: int | None, items: list
    ) -> tuple[_Played | Tie | None, int | None]:
        """What an entry plays, and the pitch that the next may slide from. Raises ValueError."""
        if names == [_REST]:
            return None, last
        if names == [_TIE]:
            if not any(what is not None for _, what in items[-1:]):
                raise ValueError("- extends the note before it, and there is none")
            return TIE, last
        notes = []
        for name in names:
            ghost = name.startswith("(") and name.endswith(")")
            match = _NOTE.fullmatch(name[1:-1] if ghost else name)
            slide, grace, pitch, signs = match.groups() if match else ("", None, name, "")
            if slide and last is None:
                raise ValueError(f"{name} slides from the note before, and there is none")
            before = parse_note(grace) if grace else None
            notes.append(Played.of(parse_note(pitch), ghost, signs, last if slide else None, before))
        return tuple(notes), notes[0].pitch
