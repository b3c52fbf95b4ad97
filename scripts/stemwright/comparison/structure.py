"""What changed of the song as a whole: its tempo, its sections, its length, and the format of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any

from stemwright.comparison.pair import Format
from stemwright.comparison.places import Places
from stemwright.comparison.result import Change, Where


def song_changes(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, formats: Sequence[tuple[Format, Format]]
) -> list[Change]:
    """Compare two timelines, and the formats of files.

    Parameters
    ----------
    old, new : mapping or None
        The content of each `timeline.json`.
    formats : sequence of (Format, Format)
        The formats of the files that are not equal, before and after.

    Returns
    -------
    list of Change
    """
    found: list[Change] = []
    if old and new:
        found += _structure(old, new)
        found += _tempo(old, new)
    return [*found, *_formats(formats, bool(found))]


def _structure(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    before, after = ([_identity(each, timeline) for each in timeline["sections"]] for timeline in (old, new))
    if [each[:2] for each in before] == [each[:2] for each in after]:
        return []
    found = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = old["sections"][a:b], new["sections"][c:d]
        longer = [(x, y) for x, y in zip(gone, come, strict=False) if x["name"] == y["name"]]
        if tag == "replace" and len(longer) == len(gone) == len(come):
            for x, y in longer:
                bars = _length(y, new) - _length(x, old)
                text = f"{y['name']} is {_bars(abs(bars))} {'longer' if bars > 0 else 'shorter'}"
                found.append(
                    Change("structure", [_where(y, new)], bars, "bars", f"{text} at {_start(y)}", 1.0)
                )
            continue
        for x in gone:
            found.append(
                Change(
                    "structure",
                    [_where(x, old)],
                    -_length(x, old),
                    "bars",
                    f"{x['name']} removed at {_start(x)} of before",
                    1.0,
                )
            )
        for y in come:
            found.append(
                Change(
                    "structure",
                    [_where(y, new)],
                    _length(y, new),
                    "bars",
                    f"{y['name']} inserted at {_start(y)}",
                    1.0,
                )
            )
    return found


def _identity(section: Mapping[str, Any], timeline: Mapping[str, Any]) -> tuple[str, float]:
    return section["name"], _length(section, timeline)


def _length(section: Mapping[str, Any], timeline: Mapping[str, Any]) -> float:
    """The length of a section in bars, to a hundredth."""
    start, end = (_position(section[side], timeline) for side in ("start", "end"))
    return round(end - start, 2)


def _position(place: Mapping[str, Any], timeline: Mapping[str, Any]) -> float:
    beats = max((each["beat"] for each in timeline["beats"] if each["bar"] == place["bar"]), default=4)
    return place["bar"] + float(Fraction(place["beat"]) - 1) / beats


def _tempo(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    before, after = (
        [{key: value for key, value in each.items() if key != "frame"} for each in timeline["tempo"]]
        for timeline in (old, new)
    )
    if before == after:
        return []
    places = Places(new, new["sample_rate"], new["frames"])
    found = []
    for x, y in zip(before, after, strict=False):
        if x != y:
            change = float(Fraction(y["bpm"]) - Fraction(x["bpm"]))
            text = f"{_number(y['bpm'])} instead of {_number(x['bpm'])} bpm"
            if x["meter"] != y["meter"]:
                text = f"{y['meter']} instead of {x['meter']}, {text}"
            words = f"{text} from bar {y['bar']}" if len(after) > 1 or len(before) > 1 else text
            first = max(0, y["bar"] - places.numbers[0]) if places.has_bars else 0
            where = places.passages(range(min(first, len(places.numbers) - 1), len(places.numbers)), ())
            found.append(Change("tempo", where, change, "bpm", words, 1.0))
    if not found:
        found.append(Change("tempo", [], None, "", "the tempo changes at other places", 1.0))
    return found


def _formats(formats: Sequence[tuple[Format, Format]], has_moved: bool) -> list[Change]:
    found = []
    for key, unit, show in (
        ("rate", "Hz", "{:,} Hz"),
        ("layout", "", "{}"),
        ("subtype", "", "{}"),
        ("container", "", "{}"),
    ):
        pairs = {(getattr(a, key), getattr(b, key)) for a, b in formats if getattr(a, key) != getattr(b, key)}
        for a, b in sorted(pairs):
            amount = float(b - a) if unit else None
            words = f"{show.format(b)} instead of {show.format(a)}"
            found.append(Change("format", [], amount, unit, words, 1.0))
    lengths = {
        (a.frames / a.rate, b.frames / b.rate) for a, b in formats if a.frames * b.rate != b.frames * a.rate
    }
    long = [(a, b) for a, b in sorted(lengths) if abs(a - b) > 1e-3]
    if not has_moved and long:
        a, b = long[-1]
        text = f"{abs(b - a):.3f} s {'longer' if b > a else 'shorter'}"
        found.append(Change("length", [], round(b - a, 6), "s", text, 1.0))
    return found


def _where(section: Mapping[str, Any], timeline: Mapping[str, Any]) -> Where:
    start, end = section["start_frame"], section["end_frame"]
    rate = timeline["sample_rate"]
    last = section["end"]["bar"] - (Fraction(section["end"]["beat"]) == 1)
    bars = section["start"]["bar"], max(last, section["start"]["bar"])
    return Where(
        start, end, start / rate, end / rate, bars, (section["name"],), False, f"in {section['name']}"
    )


def _start(section: Mapping[str, Any]) -> str:
    return f"bar {section['start']['bar']}"


def _bars(count: float) -> str:
    return f"{count:g} {'bar' if count == 1 else 'bars'}"


def _number(text: str) -> str:
    return f"{float(Fraction(text)):.6g}"
