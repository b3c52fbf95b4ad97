"""What every part is, where it is played, and how its pattern fills a section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from stemwright.music.component import Component
from stemwright.music.harmony.section import Harmony
from stemwright.music.timeline import Duration, TempoMap, parse_duration

PLAIN, ACCENT, GHOST = 0.8, 1.0, 0.45
"""Velocities of a plain note, an accented one and a ghost note."""

NO_HARMONY = Harmony()

TIE = object()
"""In a pattern: what was played before is held on."""

Items = Sequence[tuple[Duration, object]]
"""A pattern: the length of each entry, and what is played: a kind of the part's own, None for a rest, or TIE."""

ReportMistake = Callable[[Fraction, str], None]
"""Takes a mistake: where it stands, in quarters from the start of the song, and what it is."""


@dataclass(frozen=True, order=True)
class Event:
    """A note as it is written: from `start` to `end` in quarters, a MIDI pitch, a velocity above 0 to 1.

    `slide_from` is the pitch that it slides from, where it does.
    """

    start: Fraction
    end: Fraction
    pitch: int
    velocity: float
    slide_from: int | None = None


@dataclass(frozen=True)
class Span:
    """A section in which a part is played: in quarters, with the length of a step and the harmony it uses.

    `files` has the paths of the part's input files, by role.
    """

    start: Fraction
    end: Fraction
    tempo: TempoMap
    step: Duration
    harmony: Harmony = NO_HARMONY
    files: dict[str, str] = field(default_factory=dict)


class Part(Component):
    """Base of a part: a frozen dataclass of its keys."""

    short: ClassVar[str] = "pattern"
    """The key whose value may be given alone."""

    step: str | None = None
    """The length of one of its steps, where it has its own."""

    uses: ClassVar[tuple[str, ...]] = ()
    """What it plays of a section's harmony: `key`, `chords`."""

    def items(self, span: Span, report_mistake: ReportMistake) -> Items:
        """Its pattern, in a section. What is wrong with it is told to `report_mistake`."""
        raise NotImplementedError

    def events(self, span: Span) -> Iterator[Event]:
        """What it plays in a section, in order. For parts that hold no mistakes."""
        raise NotImplementedError


def fill(items: Items, span: Span) -> Iterator[tuple[Fraction, Fraction, object]]:
    """(start, end, what) of all that is played of a pattern that repeats until its section ends."""
    at, held = span.start, None
    while at < span.end:
        for length, what in items:
            if at >= span.end:
                break
            end = min(span.tempo.advance(at, length), span.end)
            if what is TIE and held:
                held = (held[0], end, held[2])
            elif what is not TIE:
                if held:
                    yield held
                held = None if what is None else (at, end, what)
            at = end
    if held:
        yield held


def raise_mistake(at: Fraction, message: str) -> None:
    """Takes no mistake: the parts of a job have been checked before it."""
    raise ValueError(message)


def parse_step(text: object) -> Duration:
    """Read a note length such as 1/16. Raises ValueError for anything else."""
    length = parse_duration(text)
    if not length.notes or length.bars or length.beats or length.seconds:
        raise ValueError(f"must be a note length such as 1/16 or 1/8t (is {text!r})")
    return length


def parse_pattern(text: object) -> str:
    """A pattern must be text; what it says is read where it is played, to tell its mistakes by bar and beat."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"must be a pattern, and not empty (is {text!r})")
    return text


def check_pitch(pitch: int, text: str, at: Fraction, report_mistake: ReportMistake) -> int:
    """A pitch that must be a MIDI note number."""
    if not 0 <= pitch <= 127:
        report_mistake(
            at, f"must lie between C-1 and G9 (is {text!r}, {'above' if pitch > 127 else 'below'} that)"
        )
    return pitch


def scale_velocity(velocity: float, mark: float) -> float:
    """The velocity of a note of a mark (PLAIN, ACCENT, …) where plain notes have `velocity`."""
    return min(1.0, velocity * (mark / PLAIN))
