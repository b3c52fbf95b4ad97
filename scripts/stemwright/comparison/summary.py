"""A comparison in words."""

from __future__ import annotations

from collections.abc import Sequence

from stemwright.comparison.places import listed
from stemwright.comparison.result import Change, TrackComparison

_PLURALS = {"stem": "stems", "bus": "buses", "mix": "mixes", "master": "masters", "version": "versions"}


def summarise(tracks: Sequence[TrackComparison], changes: Sequence[Change]) -> list[str]:
    """All that differs, a line each thing: the song, the tracks, what follows, and how many are identical.

    Parameters
    ----------
    tracks : sequence of TrackComparison
        The tracks.
    changes : sequence of Change
        What changed of the song as a whole.

    Returns
    -------
    list of str
    """
    lines = [f"song: {change.words}" for change in changes]
    for track in tracks:
        if track.changes:
            lines.append(f"{track.name}: {'; '.join(change.words for change in track.changes)}")
        elif track.status == "renamed":
            lines.append(f"{track.name}: was {track.old_name}, the same sound")
        elif track.status in ("added", "removed"):
            lines.append(f"{track.name}: {track.status}")
    if following := [track.name for track in tracks if track.follows and not track.changes]:
        lines.append(f"{listed(following)} {'follows' if len(following) == 1 else 'follow'}")
    for role in dict.fromkeys(track.role for track in tracks):
        own = [track for track in tracks if track.role == role and track.status != "removed"]
        same = sum(track.status in ("identical", "renamed") for track in own)
        if same == len(own) == 1:
            lines.append(f"{own[0].name} is identical")
        elif same and len(own) > 1:
            lines.append(f"{same} of {len(own)} {_PLURALS[role]} identical")
    return lines
