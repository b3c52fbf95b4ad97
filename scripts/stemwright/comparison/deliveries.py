"""A side of a comparison from a delivery: its manifest, and its files.

A manifest has no beats. The timeline of its song is put together again from the tempi, meters and sections that it
names; a tempo in the middle of a ramp is known to 18 decimals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable
from stemwright.comparison.sides import Role, Side, Track
from stemwright.music.timeline import (
    Duration,
    Ramp,
    Section,
    TempoChange,
    TempoMap,
    Timeline,
    parse_beat,
    parse_time_signature,
)
from stemwright.music.timeline.timeline import document


def side_of(delivery: str, manifest: Mapping[str, Any], paths: Mapping[str, str]) -> Side:
    """The side that a delivery is.

    Parameters
    ----------
    delivery : str
        The delivery, for messages.
    manifest : mapping
        Its manifest.
    paths : mapping of str to str
        Where each of its files is, by its name in the manifest. One that is missing is a mistake.

    Returns
    -------
    Side

    Raises
    ------
    StemwrightError
        If the manifest is not one of ours, or a file is missing.
    """
    try:
        buses = {str(each["stem"]) for each in manifest["mix"]["stems"] if each["source"] == "bus"}
        named = [
            (_role(entry, buses), _name(entry), str(entry["name"]), str(entry["sha256"]))
            for entry in manifest["files"]
        ]
        timeline = timeline_of(manifest)
        for each in timeline["sections"]:
            if not each["start_frame"] <= each["end_frame"] <= timeline["frames"] + 1:  # tempi are rounded
                raise ValueError(f"section {each['name']}")
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise StemwrightError(
            f"{printable(delivery)}: its manifest.json is not as Stemwright writes it ({error!r:.120})"
        ) from None
    counts = Counter((role, name) for role, name, _, _ in named)
    tracks = []
    for role, name, file, digest in named:
        if file not in paths:
            raise StemwrightError(
                f"{printable(delivery)}: {printable(file)} is missing, which its manifest.json names"
            )
        tracks.append(
            Track(role, name if counts[role, name] == 1 else f"{name} ({file})", paths[file], digest)
        )
    return Side(tracks, timeline)


def timeline_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The timeline of a manifest's song as `timeline.json` has it, without chords."""
    rate = int(manifest["files"][0]["sample_rate"])
    frames = round(float(manifest["seconds"]) * rate)
    if not manifest["tempo"]:  # nothing in it counts bars
        sections = [
            {
                **each,
                "name": printable(str(each["name"])),
                "start_frame": round(each["start"]["seconds"] * rate),
                "end_frame": round(each["end"]["seconds"] * rate),
            }
            for each in manifest["sections"]
        ]
        spans = {"sample_rate": rate, "frames": frames, "seconds": frames / rate, "key": manifest["key"]}
        return {**spans, "tempo": [], "sections": sections, "beats": []}
    tempo = _tempo_map(manifest)

    def quarter(place: Mapping[str, Any]) -> Fraction:
        return tempo.meters.place(int(place["bar"]), Fraction(place["beat"]))

    bare = Timeline(rate, tempo, Fraction(0), frames, ())
    placed = []
    for each in manifest["sections"]:
        start, end = quarter(each["start"]), quarter(each["end"])
        placed.append(
            Section(printable(str(each["name"])), start, end, bare.frame(start), bare.frame(end), each["key"])
        )
    end = placed[-1].end if placed else tempo.quarters(Fraction(frames, rate))
    timeline = Timeline(rate, tempo, end, frames, placed, max(0, frames - bare.frame(end)))
    return document(timeline, manifest["key"], [each.key for each in placed])


def _tempo_map(manifest: Mapping[str, Any]) -> TempoMap:
    changes: dict[tuple[int, Fraction], TempoChange] = {}
    for each in manifest["tempo"]:
        if Fraction(each["bpm"]) <= 0:
            raise ValueError(f"bpm {each['bpm']}")
        signature = parse_time_signature(each["meter"])
        if "unit" in each:
            signature = type(signature)(
                signature.numerator, signature.denominator, signature.groups, parse_beat(each["unit"])
            )
        bar, beat, unit = int(each["bar"]), Fraction(each.get("beat", 1)), signature.unit_quarters
        if not changes:  # with a pick-up, it stands before bar 1
            bar, beat = 1, Fraction(1)
        ramp = each.get("ramp")
        changes[bar, beat] = TempoChange(
            bar,
            Fraction(each["bpm"]) * unit,
            signature if beat == 1 else None,
            beat,
            Ramp(Fraction(ramp["to"]) * unit, Duration(notes=Fraction(ramp["quarters"]) / 4), ramp["curve"])
            if ramp
            else None,
        )
    for each in manifest.get("holds", ()):
        bar, beat = int(each["bar"]), Fraction(each["beat"])
        there = changes.get((bar, beat), TempoChange(bar, beat=beat))
        held = Duration(seconds=Fraction(each["held"]))
        changes[bar, beat] = TempoChange(bar, there.bpm, there.time_signature, beat, there.ramp, held)
    pickup = Duration(notes=Fraction(manifest.get("pickup", 0)) / 4)
    return TempoMap([changes[place] for place in sorted(changes)], pickup)


def _role(entry: Mapping[str, Any], buses: set[str]) -> Role:
    if entry.get("version"):
        return "version"
    role = str(entry["role"])
    if role == "stem":
        return "bus" if entry["stem"] in buses else "stem"
    if role in ("master", "mix"):
        return role  # type: ignore[return-value]
    raise ValueError(f"role {role}")


def _name(entry: Mapping[str, Any]) -> str:
    return printable(str(entry.get("version") or entry.get("stem") or entry["role"]))
