"""Chord symbols of lead sheets, parsed by their components rather than looked up in a table.

A symbol is a root, a quality and an optional bass: `Am7`, `F#m7b5`, `Bb13`, `C6/9`, `G7(b9)/B`. The root is a letter,
or a Roman numeral relative to a key, in lower case for minor: `ii7`, `bVII`, `V7/7` (there the bass is a scale degree).
A numeral after the slash is the key of the moment: `V7/V`, `vii°7/ii`.
An extension (7, 9, 11, 13) adds the thirds up to it. The seventh is minor, unless maj, M, Δ or ^ makes it major, and
diminished after dim. A 13 omits the 11 if the third is major, as is usual. A plain number in parentheses or after a
slash adds one note: `C7(13)`, `C7/13`; `C2` is `Cadd2`. The spellings of iReal Pro, ChordPro and MusicXML are read too.
"""

from __future__ import annotations

import re

from stemwright.music.harmony.scale import Scale, pitch_class
from stemwright.music.harmony.section import Chord

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("−–‐‑", "-"),
        **dict.fromkeys("º˚○", "°"),
        **dict.fromkeys("∆△", "Δ"),
        **dict.fromkeys("∅⌀", "ø"),
        "♭": "b",
        "♯": "#",
        "𝄫": "bb",
        "𝄪": "##",
    }
)
"""Signs that look like those read here, as keyboards and other programs write them."""
_ROOT = re.compile(r"([A-G](?:bb?|##?)?)(.*)")
_NUMERAL = re.compile(r"([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)")
_DEGREE = re.compile(r"([b#]?)([1-7])")
_ADDED = re.compile(r"[b#+-]?(?:2|4|6|9|11|13)")
_ALONE = re.compile(r"2|4|6|9|11|13")  # in parentheses, it is added
_QUALITY = re.compile(
    r"(?P<third>(?i:minor|min|mi)|m(?!a(?!dd))|-)?"
    r"(?P<shape>(?i:diminished|dim)|°|o|ø|Ø|hdim|h|(?i:augmented|aug)|\+(?!5))?"
    r"(?P<major>(?i:major|maj)|ma|Ma|MA|M|j|Δ|\^)?"
    r"(?P<extension>69|2|5|6|7|9|11|13)?"
    r"(?P<changes>(?:sus24|sus2|sus4|sus|add[b#]?(?:2|3|4|6|9|11|13)|(?:no|omit)[357]"
    r"|[b#+-](?:4|5|6|9|11|13)|\+|alt)*)"
)
_CHANGE = re.compile(r"sus24|sus2|sus4|sus|add[b#]?\d+|(?:no|omit)\d|[b#+-]\d+|\+|alt")
_SEMITONES = {
    2: 2,
    3: 4,
    4: 5,
    5: 7,
    6: 9,
    9: 14,
    11: 17,
    13: 21,
}  # of degrees of a major scale above its tonic
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_MINOR_PREFIXES = ("m", "-", "dim", "°", "o", "ø", "Ø", "h")
_ACCIDENTALS = {"": 0, "b": -1, "#": 1, "+": 1, "-": -1}
_EXPECTED = "must be a chord such as G, Am7, F#m7b5, Bb13, Dsus4, C/E or N.C., or a numeral such as ii7"


def parse_chord(text: str, scale: Scale | None = None) -> tuple[Chord, bool]:
    """Parse a chord symbol.

    Parameters
    ----------
    text
        A symbol such as `Am7/D` or `ii7`.
    scale
        The scale that numerals are relative to.

    Returns
    -------
    chord : Chord
        The chord.
    numeral : bool
        Whether it was written as a numeral.

    Raises
    ------
    ValueError
        If the text is not a chord symbol, or a numeral without a scale.
    """
    plain = re.sub(r"/(?=(?i:maj)|M|Δ)", "", text.translate(_SIGNS).replace("6/9", "69"))
    body, *below = re.split(r"/(?![^(]*\))", plain)
    if match := _ROOT.fullmatch(body):
        root, quality, numeral = pitch_class(match[1]), match[2], False
        while below and _ADDED.fullmatch(below[0]):
            quality += f"({below.pop(0)})"
    elif match := _NUMERAL.fullmatch(body):
        if scale is None:
            raise ValueError(
                f"a numeral needs a key, and neither the section nor the song has one (is {text!r})"
            )
        numeral, at = True, int(bool(below and _DEGREE.fullmatch(below[0])))
        below, keys = below[:at], below[at:]
        for key in reversed(keys):
            scale = _key_of_the_moment(key, scale, text)
        if keys and match[1] + match[2] == "vii":  # its root leads to the tonic, in minor too
            root = (scale.tonic - 1) % 12
        else:
            root = _pitch(match, scale)
        quality = match[3]
        if match[2].islower() and (quality.startswith("ma") or not quality.startswith(_MINOR_PREFIXES)):
            quality = f"m{quality}"
        if quality.startswith(("b", "#")):
            quality = f"({quality})"  # so that the symbol can be read again, with a letter before it
    else:
        raise ValueError(f"{_EXPECTED} (is {text!r})")
    intervals = _intervals(quality)
    if intervals is None:
        raise ValueError(f"{_EXPECTED} (is {text!r}: {quality!r} is no quality)")
    bass = _bass("/".join(below), scale if numeral else None, text) if below else None
    return Chord(root, intervals, None if bass == root else bass, quality), numeral


def _pitch(numeral: re.Match, scale: Scale) -> int:
    """The pitch class of a numeral's root."""
    return scale.pitch(_NUMERALS.index(numeral[2].upper()) + 1, _ACCIDENTALS[numeral[1]]) % 12


def _key_of_the_moment(key: str, scale: Scale, text: str) -> Scale:
    """The major or minor scale on a degree: that of V in `V7/V`, which it is the dominant of. Raises ValueError."""
    match = _NUMERAL.fullmatch(key)
    if not match or match[3]:
        raise ValueError(
            "must have a degree such as 3 or b7, or a numeral such as V or vi, after the / of a numeral "
            f"(is {text!r})"
        )
    return Scale.on(_pitch(match, scale), "minor" if match[2].islower() else "major")


def _bass(bass: str, scale: Scale | None, text: str) -> int:
    """The pitch class of a bass: a degree of the scale, if one is given, else a note's name. Raises ValueError."""
    if scale is not None and (match := _DEGREE.fullmatch(bass)):
        return scale.pitch(int(match[2]), _ACCIDENTALS[match[1]]) % 12
    if (match := _ROOT.fullmatch(bass)) and not match[2]:
        return pitch_class(match[1])
    raise ValueError(f"must have a note's name after its /, as in Am7/D (is {text!r})")


def _spelled_out(quality: str) -> str:
    """A quality without parentheses, in which every added note has its `add`, and a major seventh its M first."""
    quality = re.sub(r"dom(?=\d)", "", quality)
    quality = re.sub(r"(7|9|11|13)M(?![A-Za-z])", r"M\1", quality)
    quality = re.sub(r"\(([^()]*)\)", lambda group: _without_parentheses(group[1]), quality)
    return re.sub(r"^((?i:minor|min|mi)|m|-)[+#]7", r"\1M7", re.sub("[, ]", "", quality))


def _without_parentheses(group: str) -> str:
    return "".join(f"add{part}" if _ALONE.fullmatch(part) else part for part in re.split("[,/ ]", group))


def _intervals(quality: str) -> tuple[int, ...] | None:
    """The semitones above the root of a quality such as m7b5, rising; None if it is not a quality."""
    match = _QUALITY.fullmatch(_spelled_out(quality))
    if match is None:
        return None
    shape, extension = match["shape"] or "", match["extension"] or ""
    minor, major = bool(match["third"]), bool(match["major"])
    half, diminished = shape in ("ø", "Ø", "h", "hdim"), shape.lower() in ("dim", "diminished", "°", "o")
    if (minor and shape) or (half and (major or extension not in ("", "7", "9", "11"))):
        return None
    if extension == "5":  # a power chord, which takes no other component
        return (0, 7) if quality == "5" else None
    if (match["major"] in ("Δ", "^", "j") and not extension) or (half and not extension):
        extension = "7"
    degrees = {3: 3 if minor or half or diminished else 4, 5: 6 if half or diminished else 7}
    if shape.lower() in ("aug", "augmented", "+"):
        degrees[5] = 8
    if extension in ("6", "69"):
        if shape:
            return None
        degrees[6] = 9
    elif extension == "2":
        degrees[2] = 2
    elif extension:
        degrees[7] = 11 if major else 9 if diminished else 10
    for degree in (9, 11, 13):
        if (extension == "69" and degree == 9) or (
            extension.isdigit() and extension != "69" and degree <= int(extension)
        ):
            degrees[degree] = _SEMITONES[degree]
    if extension == "13" and degrees[3] == 4:
        del degrees[11]
    return _apply_changes(degrees, _CHANGE.findall(match["changes"]))


def _apply_changes(degrees: dict[int, int], changes: list[str]) -> tuple[int, ...] | None:
    """The semitones of a chord after the changes of its symbol: sus, add, omit and altered degrees."""
    added: set[int] = set()
    altered: set[int] = set()
    for change in changes:
        number = int(re.sub(r"\D", "", change) or 0)
        if change.startswith("sus"):
            degrees.pop(3, None)
            added |= {"sus2": {2}, "sus24": {2, 5}}.get(change, {5})
        elif change.startswith("add"):
            added.add(_SEMITONES[number] + _ACCIDENTALS[change[3] if change[3] in "b#" else ""])
        elif change.startswith(("no", "omit")):
            if degrees.pop(number, None) is None:
                return None
        elif change == "alt":
            if 7 not in degrees:
                return None
            degrees.pop(5, None)
            degrees.pop(9, None)
            added |= {8, 13, 15}
        else:
            number, accidental = number or 5, _ACCIDENTALS[change[0]]
            if number not in altered:
                degrees.pop(number, None)  # an altered note replaces the plain one
            altered.add(number)
            added.add(_SEMITONES[number] + accidental)
    return tuple(sorted({0, *degrees.values(), *added}))
