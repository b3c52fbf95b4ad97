"""Chords in the syntax of Harte, in which datasets and their programs have them: `A:min7`, `C:maj/3`, `G:7(b9)`.

Source: C. Harte, M. Sandler, S. Abdallah and E. Gómez, "Symbolic representation of musical chords", ISMIR 2005, with
the shorthands that JAMS and mir_eval know. A label is a root, a shorthand with degrees that are added or (after *) left
out, and a bass as a degree above the root.
"""

from __future__ import annotations

import re

from stemwright.music.harmony.scale import pitch_name
from stemwright.music.harmony.section import ChordAt

NO_CHORD = "N"
"""The label of no chord."""

_SHORTHANDS = {
    "maj": {"3": 4, "5": 7},
    "min": {"b3": 3, "5": 7},
    "dim": {"b3": 3, "b5": 6},
    "aug": {"3": 4, "#5": 8},
    "sus2": {"2": 2, "5": 7},
    "sus4": {"4": 5, "5": 7},
    "maj6": {"3": 4, "5": 7, "6": 9},
    "min6": {"b3": 3, "5": 7, "6": 9},
    "7": {"3": 4, "5": 7, "b7": 10},
    "maj7": {"3": 4, "5": 7, "7": 11},
    "min7": {"b3": 3, "5": 7, "b7": 10},
    "minmaj7": {"b3": 3, "5": 7, "7": 11},
    "dim7": {"b3": 3, "b5": 6, "bb7": 9},
    "hdim7": {"b3": 3, "b5": 6, "b7": 10},
    "9": {"3": 4, "5": 7, "b7": 10, "9": 14},
    "maj9": {"3": 4, "5": 7, "7": 11, "9": 14},
    "min9": {"b3": 3, "5": 7, "b7": 10, "9": 14},
    "5": {"5": 7},
    "1": {},
}
"""The semitones above the root of the degrees of each shorthand. Programs do not agree on those of 11 and 13."""

_ADDED = {
    1: "b2",
    2: "2",
    3: "b3",
    4: "3",
    5: "4",
    6: "b5",
    7: "5",
    8: "#5",
    9: "6",
    10: "b7",
    11: "7",
    13: "b9",
    14: "9",
    15: "#9",
    17: "11",
    18: "#11",
    20: "b13",
    21: "13",
}
"""What a degree is called that no shorthand has, by its semitones above the root."""

_BASS = {**{semitones: _ADDED[semitones] for semitones in range(1, 12)}, 8: "b6"}
_ROOT = re.compile(r"[A-G](?:bb?|##?)?")


def harte(at: ChordAt, key: str | None) -> str:
    """A chord as a label, with its root as it is written, and else as `key` spells it; `N` for no chord."""
    chord = at.chord
    if chord is None:
        return NO_CHORD
    written = _ROOT.match(at.symbol.replace("♭", "b").replace("♯", "#"))
    root = written[0] if written else pitch_name(chord.root, key)
    intervals = set(chord.intervals) - {0}
    # Few changes first, then the fewest left out, then the largest shorthand.
    _, _, _, name = min(
        (len(intervals ^ has), len(has - intervals), -len(has), name)
        for name, has in ((name, set(degrees.values())) for name, degrees in _SHORTHANDS.items())
    )
    degrees = _SHORTHANDS[name]
    changes = [_ADDED[each] for each in sorted(intervals - set(degrees.values()))]
    changes += [f"*{degree}" for degree, each in degrees.items() if each not in intervals]
    bass = "" if chord.bass is None else f"/{_BASS[(chord.bass - chord.root) % 12]}"
    return f"{root}:{name}" + (f"({','.join(changes)})" if changes else "") + bass
