"""The harmony of a section: its key and chords as they sound, after transposition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from stemwright.music.harmony.scale import Scale


@dataclass(frozen=True)
class Chord:
    """A chord: the pitch class of its root, and the semitones of its notes above the root, rising from 0.

    `bass` is the pitch class of the bass note, None if that is the root. `quality` is the symbol without root and bass.
    """

    root: int
    intervals: tuple[int, ...]
    bass: int | None = None
    quality: str = ""

    def transposed(self, semitones: int) -> Chord:
        """The chord moved up by semitones."""
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.intervals, bass, self.quality)


@dataclass(frozen=True)
class ChordAt:
    """A chord (None for N.C.) from `start` to `end` in quarters, with its symbol as it sounds."""

    start: Fraction
    end: Fraction
    chord: Chord | None
    symbol: str


@dataclass(frozen=True)
class Harmony:
    """The `key` of a section, such as `Ab major`, or None; and its `chords` in order, without gaps, or none."""

    key: str | None = None
    chords: tuple[ChordAt, ...] = ()

    @property
    def scale(self) -> Scale | None:
        """The scale of the key, if there is one."""
        return Scale.of(self.key) if self.key else None

    def to_dict(self, uses: Iterable[str]) -> dict:
        """Plain data of what is used, `key` and `chords` or one of them, from which `from_dict` restores it."""
        data: dict = {}
        if "key" in uses:
            data["key"] = self.key
        if "chords" in uses:
            data["chords"] = [
                [str(c.start), str(c.end), c.chord and [c.chord.root, list(c.chord.intervals), c.chord.bass]]
                for c in self.chords
            ]
        return data

    @classmethod
    def from_dict(cls, data: dict) -> Harmony:
        """The harmony that `to_dict` described, without what was left out."""
        chords = tuple(
            ChordAt(Fraction(start), Fraction(end), chord and Chord(chord[0], tuple(chord[1]), chord[2]), "")
            for start, end, chord in data.get("chords", ())
        )
        return cls(data.get("key"), chords)
