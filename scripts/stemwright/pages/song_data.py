"""The page of a song: what its scripts are given, the player's and those that draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any


def script_data(
    params: Mapping[str, Any],
    timeline: Mapping[str, Any],
    settings: Mapping[str, Any],
    tracks: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What the scripts of the page need to know of the song.

    Parameters
    ----------
    params, timeline, settings
        As of `stemwright.pages.song.content`.
    tracks : sequence of mapping
        The tracks, each with its `label`.

    Returns
    -------
    dict
        Plain data; times are in s from the start.
    """
    limiter = settings.get("limiter")
    tempo = timeline["tempo"] if params["has_tempo"] else []
    beats = timeline["beats"] if params["has_tempo"] else []
    return {
        "seconds": timeline["seconds"],
        "sections": _sections(params, timeline),
        "tempo": [
            {
                "at": _at(timeline, each["frame"]),
                "bpm": round(float(Fraction(each["bpm"])), 3),
                "meter": each["meter"],
                **({"to": round(float(Fraction(each["ramp"]["to"])), 3)} if "ramp" in each else {}),
            }
            for each in tempo
        ],
        "holds": [_at(timeline, hold["frame"]) for hold in timeline.get("holds", ())],
        "bars": [[beat["bar"], _at(timeline, beat["frame"])] for beat in beats if beat["beat"] == 1],
        "target": params["target"],
        "ceiling": limiter["ceiling_db"] if limiter else None,
        "tracks": [
            {key: track[key] for key in ("id", "kind", "label")}
            | {"muted": [[_at(timeline, frame) for frame in span] for span in track.get("muted", ())]}
            for track in tracks
        ],
    }


def player_data(
    params: Mapping[str, Any], timeline: Mapping[str, Any], tracks: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the player of the page is filled with.

    Parameters
    ----------
    params, timeline
        As of `stemwright.pages.song.content`.
    tracks : sequence of mapping
        The tracks, each with its `label`; a version that is cut with its `timeline`.

    Returns
    -------
    dict
        `player` in `templates/player.html`, which says what is in it.
    """
    strips = [track for track in tracks if track["kind"] in ("stem", "bus")]
    return {
        "seconds": timeline["seconds"],
        "sections": [
            {"name": each["title"], "start": each["start"], "end": each["end"]}
            for each in _sections(params, timeline)
        ],
        "strips": [
            {
                "id": track["id"],
                "name": track["label"],
                "direct": track["is_direct"],
                "buses": [{"id": f"bus-{bus}", "name": bus} for bus in track["buses"]],
            }
            for track in _under_their_buses(strips)
        ],
        "sources": [
            {
                "id": track["id"],
                "name": track["label"],
                **({"timeline": track["timeline"]} if track.get("timeline") else {}),
            }
            for kind in ("mix", "master", "reference", "version")
            for track in tracks
            if track["kind"] == kind
        ],
    }


def _under_their_buses(strips: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What feeds the mix itself, each bus with what is only heard in it below it; then what is not heard in the mix."""
    below: dict[str | None, list[Mapping[str, Any]]] = {}
    for strip in strips:
        is_within = not strip["is_direct"] and strip["buses"]
        below.setdefault(f"bus-{strip['buses'][0]}" if is_within else None, []).append(strip)

    def with_those_below(strip: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield strip
        for each in below.get(strip["id"], ()):
            yield from with_those_below(each)

    for strip in sorted(below.get(None, ()), key=lambda strip: not strip["is_direct"]):
        yield from with_those_below(strip)


def _sections(params: Mapping[str, Any], timeline: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections in s from the start."""
    return [
        {
            "name": section["name"],
            "title": title,
            "start": _at(timeline, section["start_frame"]),
            "end": _at(timeline, section["end_frame"]),
            "key": section["key"] or "",
            "chords": [[_at(timeline, chord["frame"]), chord["symbol"]] for chord in section["chords"]],
        }
        for title, section in zip(params["titles"], timeline["sections"], strict=True)
    ]


def _at(timeline: Mapping[str, Any], frame: int) -> float:
    """The time of a frame in s."""
    return round(frame / timeline["sample_rate"], 4)
