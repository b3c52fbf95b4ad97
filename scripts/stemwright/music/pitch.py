"""Note names, MIDI note numbers and frequencies in twelve-tone equal temperament, A4 = 440 Hz (ISO 16)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_NOTE = re.compile(r"([A-G])([#b♯♭]{0,2})(-1|\d)")


def parse_note(text: object) -> int:
    """The MIDI note number, 0 to 127, of a name such as A4 (69), C#3 or Bb2. Raises ValueError for anything else."""
    match = _NOTE.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"must be a note such as A4, C#3 or Bb2 (is {text!r})")
    accidental = sum(1 if sign in "#♯" else -1 for sign in match[2])
    number = 12 * (int(match[3]) + 1) + _STEPS[match[1]] + accidental
    if not 0 <= number <= 127:
        raise ValueError(f"must be a note from C-1 to G9 (is {text!r})")
    return number


def note_name(number: int) -> str:
    """The name of a MIDI note number, such as A4 or Bb2: with flats or sharps as is more usual."""
    return f"{_NAMES[number % 12]}{number // 12 - 1}"


def frequency(note: Any) -> Any:
    """The frequency in Hz of a MIDI note number, or of an array of them; fractions lie between the semitones."""
    return 440.0 * 2.0 ** ((note - 69) / 12)


def note_number(hertz: Any) -> Any:
    """The MIDI note number of a frequency in Hz, with a fraction; of an array, those of its values."""
    return 69 + 12 * np.log2(hertz / 440.0)
