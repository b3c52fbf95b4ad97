"""The base class of parts, the notes that they yield, and patterns that repeat to fill a section."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import ClassVar, Final, TypeAlias, TypeVar

from stemwright.music.component import Component
from stemwright.music.controls import Controls
from stemwright.music.harmony.section import Harmony
from stemwright.music.repeats import Written
from stemwright.music.timeline import Duration, TempoMap, parse_duration

PLAIN, ACCENT, GHOST = 0.8, 1.0, 0.45
"""Velocities of a plain note, an accented one and a ghost note."""

NO_HARMONY = Harmony()


class Tie(Enum):
    """The type of `TIE`."""

    TIE = "tie"


TIE: Final = Tie.TIE
"""An entry of a pattern that extends the entry before it."""

Played = TypeVar("Played")
"""What an entry of a pattern plays: each part has its own type."""

Items: TypeAlias = Sequence[tuple[Duration, Played | Tie | None]]
"""A pattern: the length of each entry, and what it plays; None is a rest."""

ReportMistake: TypeAlias = Callable[[Fraction, str], None]
"""Takes a mistake: its position in quarters from the start of the song, and a message."""


@dataclass(frozen=True, order=True)
class Event:
    """A written note: `start` and `end` in quarters from the start of the song, a MIDI pitch, a velocity.

    The velocity is above 0, at most 1. `slide_from` is the pitch at which a slide to this note begins, or None.
    `controls` are those that act on it and on the other notes of its channel, in quarters from the start of the song.
    It begins `later_s` after its start (earlier, if negative) and ends `longer_s` after its end, both in seconds.
    `bend` is the number of semitones that it is bent up by. `turn` counts how often its pattern was played before.
    """

    start: Fraction
    end: Fraction
    pitch: int
    velocity: float
    slide_from: int | None = None
    controls: Controls | None = field(default=None, compare=False)
    later_s: Fraction = Fraction(0)
    longer_s: Fraction = Fraction(0)
    bend: int = 0
    has_vibrato: bool = False
    is_muted: bool = False
    is_ghost: bool = False
    turn: int = 0


@dataclass(frozen=True)
class Span:
    """A section in which a part is played: `start` and `end` in quarters, the length of a step, the harmony used.

    `files` has the paths of the input files of the part, by role.
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
    """The key whose value may be written alone."""

    step: str | None = None
    """The length of its steps, if it has its own; else that of the source `play`."""

    uses: ClassVar[tuple[str, ...]] = ()
    """What it uses of the harmony of a section: `key`, `chords`, both or nothing."""

    def items(self, span: Span, report_mistake: ReportMistake) -> Items[object]:
        """Read its pattern for a section. Mistakes in it are passed to `report_mistake`."""
        raise NotImplementedError

    def written(self, span: Span) -> Written | None:
        """The pattern as it is written, by bars; None if it has none. The part must have no mistakes."""
        return None

    def events(self, span: Span) -> Iterator[Event]:
        """Yield the notes that it plays in a section, in order. The part must have no mistakes."""
        raise NotImplementedError


def fill(items: Items[Played], span: Span) -> Iterator[tuple[Fraction, Fraction, Played, int]]:
    """Repeat a pattern until its section ends.

    Parameters
    ----------
    items : Items
        The pattern.
    span : Span
        The section.

    Yields
    ------
    tuple of (Fraction, Fraction, object, int)
        Start and end in quarters, what is played, and how often the pattern was played before; ties are resolved,
        rests are omitted.
    """
    at, turn = span.start, 0
    held: tuple[Fraction, Fraction, Played, int] | None = None
    while at < span.end:
        for length, what in items:
            if at >= span.end:
                break
            end = min(span.tempo.advance(at, length), span.end)
            if what is TIE and held:
                held = (held[0], end, *held[2:])
            elif what is not TIE:
                if held:
                    yield held
                held = None if what is None else (at, end, what, turn)
            at = end
        turn += 1
    if held:
        yield held


def raise_mistake(at: Fraction, message: str) -> None:
    """Raise ValueError. For jobs, whose parts were checked before: a mistake is a defect of Stemwright."""
    raise ValueError(message)


def parse_step(text: object) -> Duration:
    """Read a note length such as 1/16. Raises ValueError for anything else."""
    length = parse_duration(text)
    if not length.notes or length.bars or length.beats or length.seconds:
        raise ValueError(f"must be a note length such as 1/16 or 1/8t (is {text!r})")
    return length


def parse_pattern(text: object) -> str:
    """Check that a pattern is text. Its content is read in each section, to report mistakes by bar and beat."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"must be a pattern, and not empty (is {text!r})")
    return text


def check_pitch(pitch: int, text: str, at: Fraction, report_mistake: ReportMistake) -> int:
    """Report a pitch that is no MIDI note number.

    Parameters
    ----------
    pitch : int
        The pitch.
    text : str
        The note as written.
    at : Fraction
        Its position in quarters.
    report_mistake : callable
        Takes the mistake.

    Returns
    -------
    int
        The pitch.
    """
    if not 0 <= pitch <= 127:
        report_mistake(
            at, f"must lie between C-1 and G9 (is {text!r}, {'above' if pitch > 127 else 'below'} that)"
        )
    return pitch


def scale_velocity(velocity: float, mark: float) -> float:
    """The velocity of a note with a mark (PLAIN, ACCENT, …), in a part whose plain notes have `velocity`; at most 1."""
    return min(1.0, velocity * (mark / PLAIN))
