"""What the player of a song's page is filled with, see `templates/player.html`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WHOLES = ("mix", "master", "reference", "version")
"""The kinds of tracks that are sources, in their order."""


def content(
    seconds: float, sections: Sequence[Mapping[str, Any]], tracks: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The variable `player`.

    Parameters
    ----------
    seconds : float
        The length of the song.
    sections : sequence of mapping
        The `title` of each section, its `start` and its `end` in s.
    tracks : sequence of mapping
        The `id`, `kind` and `label` of each track. Of a strip, whether it `is_direct` (it feeds the mix itself), and
        the `buses` in which it is heard. Of a version that is cut, its `timeline`.

    Returns
    -------
    dict
    """
    return {
        "seconds": seconds,
        "sections": [
            {"name": each["title"], "start": each["start"], "end": each["end"]} for each in sections
        ],
        "strips": [
            {
                "id": strip["id"],
                "name": strip["label"],
                "direct": strip["is_direct"],
                "buses": [{"id": f"bus-{bus}", "name": bus} for bus in strip["buses"]],
            }
            for strip in _under_their_buses([each for each in tracks if each["kind"] in ("stem", "bus")])
        ],
        "sources": [
            {
                "id": track["id"],
                "name": track["label"],
                **({"timeline": track["timeline"]} if track.get("timeline") else {}),
            }
            for kind in _WHOLES
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
