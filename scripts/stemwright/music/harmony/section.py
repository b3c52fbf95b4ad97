"""The harmony of a section: its key and its chords, as they sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from stemwright.music.harmony.scale import Scale


@dataclass(frozen=True)
class Chord:
    """A chord: pitch class of its root, semitones of its notes above it (rising, from 0), its bass' pitch class.

    `quality` is what stood after the root, as it was written; `bass` is None where the root is the bass.
    """

    root: int
    intervals: tuple[int, ...]
    bass: int | None = None
    quality: str = ""

    def transposed(self, semitones: int) -> Chord:
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.intervals, bass, self.quality)


@dataclass(frozen=True)
class ChordAt:
    """A chord (None: none) from `start` to `end`, in quarters, and its symbol as it sounds."""

    start: Fraction
    end: Fraction
    chord: Chord | None
    symbol: str


@dataclass(frozen=True)
class Harmony:
    """`key` such as Ab major, where there is one; `chords` in order, from the section's start to its end."""

    key: str | None = None
    chords: tuple[ChordAt, ...] = ()

    @property
    def scale(self) -> Scale | None:
        return Scale.of(self.key) if self.key else None

    def to_dict(self, uses: Iterable[str]) -> dict:
        """Plain data of that part of it that is used (`key`, `chords`), from which `from_dict` makes it again."""
        facts: dict = {}
        if "key" in uses:
            facts["key"] = self.key
        if "chords" in uses:
            facts["chords"] = [
                [str(c.start), str(c.end), c.chord and [c.chord.root, list(c.chord.intervals), c.chord.bass]]
                for c in self.chords
            ]
        return facts

    @classmethod
    def from_dict(cls, facts: dict) -> Harmony:
        chords = tuple(
            ChordAt(Fraction(start), Fraction(end), chord and Chord(chord[0], tuple(chord[1]), chord[2]), "")
            for start, end, chord in facts.get("chords", ())
        )
        return cls(facts.get("key"), chords)
