"""Keys as scales, and names of pitch classes in them."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.music.pitch import parse_note
from stemwright.music.timeline import parse_key

# Semitones above the tonic; minor is natural minor (Aeolian).
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
# Tonics of the major keys with the fewest accidentals; F# is taken of the two with six.
_MAJOR_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Scale:
    """A key: the pitch class of its tonic, and the semitones of its seven degrees above it."""

    tonic: int
    steps: tuple[int, ...]

    @classmethod
    def of(cls, key: str) -> Scale:
        """The scale of a key such as G major. Raises ValueError for anything else."""
        name, mode = parse_key(key).split()
        return cls(pitch_class(name), _STEPS[mode])

    @property
    def notes(self) -> frozenset[int]:
        """The pitch classes of its degrees."""
        return frozenset((self.tonic + step) % 12 for step in self.steps)

    def pitch(self, degree: int, bend: int = 0, octave: int = 4) -> int:
        """The MIDI number of a degree (from 1; 8 is the tonic above), raised by `bend` semitones.

        Degree 1 lies in `octave` as note names count it: octaves change at C, and C4 is 60.
        """
        octaves, index = divmod(degree - 1, 7)
        return 12 * (octave + 1 + octaves) + self.tonic + self.steps[index] + bend


def pitch_class(name: str) -> int:
    """The pitch class of a note's name without octave, such as Ab. Raises ValueError for anything else."""
    return parse_note(f"{name}4") % 12


def pitch_name(pitch: int, key: str | None) -> str:
    """A pitch class by name: with flats or sharps as `key` has them, or the more usual where there is no key."""
    return _MAJOR_TONICS[pitch % 12] if key is None else (_FLATS if _uses_flats(key) else _SHARPS)[pitch % 12]


def transpose_key(key: str, semitones: int) -> str:
    """A key moved up by semitones, with the fewer accidentals: F major by 2 is G major."""
    name, mode = parse_key(key).split()
    major = pitch_class(name) - _above_relative_major(mode) + semitones
    if semitones % 12 == 0:
        return f"{name} {mode}"
    relative = f"{_MAJOR_TONICS[major % 12]} major"
    return f"{pitch_name(major + _above_relative_major(mode), relative)} {mode}"


def _above_relative_major(mode: str) -> int:
    """How far above the tonic of the major scale of the same notes a mode's tonic lies."""
    major = _STEPS["major"]
    return next(n for n in major if {(n + s) % 12 for s in _STEPS[mode]} == set(major))


def _uses_flats(key: str) -> bool:
    """Whether a key is written with flats: F, and the keys whose relative major has a flat in its name."""
    name, mode = parse_key(key).split()
    relative = _MAJOR_TONICS[(pitch_class(name) - _above_relative_major(mode)) % 12]
    return "b" in name or ("#" not in name and (relative == "F" or "b" in relative))
