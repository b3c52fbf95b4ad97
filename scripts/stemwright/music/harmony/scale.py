"""Keys as scales, and the names of pitch classes in a key."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.music.pitch import parse_note
from stemwright.music.timeline import parse_key

# Semitones of the degrees above the tonic. Minor is natural minor (Aeolian).
_STEPS = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
_SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
# Of the enharmonic major keys, those with fewer accidentals; F# rather than Gb, which both have six.
_MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Scale:
    """A key: the pitch class of its tonic, and the semitones of its seven degrees above the tonic."""

    tonic: int
    steps: tuple[int, ...]

    @classmethod
    def of(cls, key: str) -> Scale:
        """The scale of a key such as `G major`. Raises ValueError for anything else."""
        name, mode = parse_key(key).split()
        return cls.on(pitch_class(name), mode)

    @classmethod
    def on(cls, tonic: int, mode: str) -> Scale:
        """The scale of a mode, such as `minor`, on a pitch class."""
        return cls(tonic, _STEPS[mode])

    @property
    def notes(self) -> frozenset[int]:
        """The pitch classes of its degrees."""
        return frozenset((self.tonic + step) % 12 for step in self.steps)

    def pitch(self, degree: int, accidental: int = 0, octave: int = 4) -> int:
        """The MIDI note number of a scale degree.

        Parameters
        ----------
        degree
            From 1; 8 is the tonic an octave higher.
        accidental
            Semitones to add.
        octave
            The octave of degree 1, counted as in note names: it changes at C, and C4 is 60.

        Returns
        -------
        int
            A MIDI note number, which may lie outside 0 to 127.
        """
        octaves, index = divmod(degree - 1, 7)
        return 12 * (octave + 1 + octaves) + self.tonic + self.steps[index] + accidental


def pitch_class(name: str) -> int:
    """The pitch class of a note name without octave, such as Ab. Raises ValueError for anything else."""
    return parse_note(f"{name}4") % 12


def pitch_name(pitch: int, key: str | None) -> str:
    """The name of a pitch class, with flats or sharps as `key` is written; without a key, the more usual name."""
    return _MAJOR_TONICS[pitch % 12] if key is None else (_FLATS if _uses_flats(key) else _SHARPS)[pitch % 12]


def transpose_key(key: str, semitones: int) -> str:
    """A key moved up by semitones: F major by 2 is G major. Of enharmonic keys, the one with fewer accidentals."""
    name, mode = parse_key(key).split()
    major = pitch_class(name) - _above_relative_major(mode) + semitones
    if semitones % 12 == 0:
        return f"{name} {mode}"
    relative = f"{_MAJOR_TONICS[major % 12]} major"
    return f"{pitch_name(major + _above_relative_major(mode), relative)} {mode}"


def _above_relative_major(mode: str) -> int:
    """Semitones from the tonic of the relative major (the major scale of the same notes) up to a mode's tonic."""
    major = _STEPS["major"]
    return next(n for n in major if {(n + s) % 12 for s in _STEPS[mode]} == set(major))


def _uses_flats(key: str) -> bool:
    """Whether a key is written with flats: if its relative major is F or has a flat in its name."""
    name, mode = parse_key(key).split()
    relative = _MAJOR_TONICS[(pitch_class(name) - _above_relative_major(mode)) % 12]
    return "b" in name or ("#" not in name and (relative == "F" or "b" in relative))
