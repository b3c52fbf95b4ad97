"""A song to begin with: drums, bass, chords and a lead, in the style, tempo and key that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from stemwright.music.harmony.scale import pitch_class
from stemwright.music.timeline import parse_key
from stemwright.song.model import House
from stemwright.starting.rendering import read_style, render, style_names
from stemwright.validation.problems import did_you_mean
from stemwright.validation.yaml import parse

DEFAULT_STYLE = "pop"

_NUMERALS = {
    "major": ("I", "ii7", "iii7", "IV", "V", "vi7", "vii"),
    "minor": ("i", "ii", "III", "iv7", "v7", "VI", "VII"),
}
_ENDING = {"major": (4, 5, 1, 1), "minor": (6, 7, 1, 1)}
_MINOR = ("minor", "dorian", "phrygian", "aeolian", "locrian")  # modes with a minor third
_LOW_TONIC = 9  # from A on, the bass is an octave lower
_HIGH_TONIC = 7  # from G on, so is the lead


def from_answers(house: House, head: Mapping[str, str]) -> str:
    """The YAML of a song.

    Parameters
    ----------
    house : House
        The house rules, with the answers.
    head : mapping of str to str
        `schema`, the path of the JSON Schema of songs from the song's file, or ""; `target`, what is to be asked for
        when the song is built; `title`; `artist`, or "".

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such style.
    """
    name = style_of(house)
    style = parse(read_style(name), f"{name}.yaml").data
    key = parse_key(house.key or style["key"])
    tonic, mode = key.split(" ", 1)
    kind = "minor" if mode in _MINOR else "major"
    place = pitch_class(tonic) % 12
    content = {
        **head,
        "style": name,
        "bpm": bpm_text(house.bpm or style["bpm"]),
        "key": key,
        "is_stereo": house.session.channels == 2,
        **{
            each: style[each]
            for each in ("about", "meter", "swing", "drums", "fill", "bass", "chords", "lead")
        },
        "melody": style[kind]["melody"],
        "bass_octave": 1 if place >= _LOW_TONIC else 2,
        "lead_octave": 4 if place < _HIGH_TONIC else 3,
        **{
            section: _harmony(roots, kind, style["bass"]["bar"])
            for section, roots in {**style[kind]["roots"], "outro": _ENDING[kind]}.items()
        },
    }
    return render("song.yaml.jinja", content)


def style_of(house: House) -> str:
    """The style that is asked for. Raises ValueError if there is none of that name."""
    name = str(house.style or DEFAULT_STYLE)
    if name not in style_names():
        raise ValueError(f"there is none of that name (is {name!r}){did_you_mean(name, style_names())}")
    return name


def title_of(name: str) -> str:
    """A title made of a name: `night-bus` as `Night Bus`."""
    words = name.replace("_", " ").replace("-", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or name


def bpm_text(bpm: Any) -> str:
    """A tempo as YAML: a number, or in quotes a fraction."""
    text = str(bpm).strip()
    return f'"{text}"' if Fraction(text).denominator > 1 and "/" in text else text


def _harmony(roots: Sequence[int], kind: str, bar: str) -> Mapping[str, str]:
    """The chart and the bass line of some bars, from the degrees of their roots; from 5 up, the bass goes below 1."""
    low = {degree: f"{degree}," if degree > 4 else str(degree) for degree in range(1, 8)}
    return {
        "chords": f"| {' | '.join(_NUMERALS[kind][root - 1] for root in roots)} |",
        "bass": " | ".join(bar.replace("R", low[root]) for root in roots),
    }
