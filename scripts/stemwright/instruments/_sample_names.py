"""What the names of recordings say: the note, and how hard it was played."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from stemwright.music.pitch import parse_note

_NOTE = re.compile(r"(?<![A-Za-z])([A-Ga-g])([#b♯♭s]?)(-1|\d)(?!\d)")

_NUMBER = re.compile(r"(?<![A-Za-z])(?:v|vel|velocity|dyn|layer)[_ ]?(\d{1,3})(?![A-Za-z0-9])", re.IGNORECASE)

_MARKS = ("ppp", "pp", "p", "mp", "mf", "f", "ff", "fff")
"""Dynamics from soft to loud, as written in scores."""

_WORDS = {
    **{mark: mark for mark in _MARKS},
    "pianississimo": "ppp",
    "pianissimo": "pp",
    "mezzopiano": "mp",
    "mezzoforte": "mf",
    "forte": "f",
    "fortissimo": "ff",
    "fortississimo": "fff",
}
_PLAIN_WORDS = {"soft": "p", "medium": "mf", "med": "mf", "hard": "f", "loud": "f"}
_PIANO = {"piano": "p"}
_RANKS = (_WORDS, _PLAIN_WORDS, _PIANO)
"""Words for dynamics. Those of a later rank mean dynamics only where there is none of an earlier one: a piano is an
instrument, too (always, where it is the first word), and a soft one may be recorded in several layers."""


def roots_of(name: str) -> dict[int, str]:
    """The notes that a file's name may mean (`piano_C3.wav`, `Fs2`, `C#4-2.wav`): MIDI number, and as it is written."""
    found: dict[int, str] = {}
    for match in _NOTE.finditer(os.path.splitext(name)[0]):
        letter, bend, octave = match.groups()
        try:
            found.setdefault(parse_note(letter.upper() + bend.replace("s", "#") + octave), match[0])
        except ValueError:  # G#9
            continue
    return found


def layers_of(name: str) -> dict[tuple[str, int], str]:
    """The layers that a file's name may mean (`C3_v2.wav`, `C3_ff.wav`), from soft to loud, and how each is written.

    A layer is its kind, `number` or `dynamics`, and its place among those of its kind.
    """
    text = _NOTE.sub(" ", os.path.splitext(name)[0])  # the letter of F2 is no forte
    text = re.sub(r"(?i)(?<=mezzo)[-_ .]+", "", text)
    found = {("number", int(match[1])): match[0] for match in _NUMBER.finditer(text)}
    words = re.findall(r"[A-Za-z]+", text)
    for rank in _RANKS:
        if not found or rank is _WORDS:
            said = words[1:] if rank is _PIANO else words
            found |= {("dynamics", _MARKS.index(rank[w.lower()])): w for w in said if w.lower() in rank}
    return found


def piece_of(name: str, pieces: Iterable[str]) -> str:
    """The piece of a drum kit that a file's name says (`Open-Hat_v2.wav`), or "": the longest, such as open_hat."""
    text = "_".join(re.findall(r"[a-z]+", os.path.splitext(name)[0].lower()))
    found = [piece for piece in pieces if f"_{piece}_" in f"_{text}_"]
    return max(found, key=len, default="")
