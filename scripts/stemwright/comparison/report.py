"""A comparison as text: lines for a terminal, Markdown for a pull request, plain data for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stemwright.base.printable import printable
from stemwright.comparison.result import Comparison, TrackComparison

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&@])")


def lines(song: str, comparison: Comparison) -> list[str]:
    """What differs of a song, a line each thing; the first counts what is identical."""
    return [f"{song}: {count(comparison)}", *(f"  {printable(line)}" for line in comparison.summary)]


def markdown(comparisons: Mapping[str, Comparison], missing: Mapping[str, str]) -> str:
    """What differs, as Markdown.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By song.
    missing : mapping of str to str
        Songs that are on one side only, with what that is: `new` or `gone`.

    Returns
    -------
    str
        Nothing in it that comes from songs is markup.
    """
    text = ["## What has changed in the sound", ""]
    for song, comparison in comparisons.items():
        text += [f"### {_escaped(song)}: {count(comparison)}", ""]
        text += [f"- {_escaped(line)}" for line in comparison.summary]
        changed = [track for track in comparison.tracks if track.status != "identical"]
        if changed:
            text += ["", "| file | | difference | level of the difference |", "| --- | --- | --- | --- |"]
            text += [
                f"| {_escaped(t.name)} | {t.status} | {_escaped(describe(t))} | {level(t)} |" for t in changed
            ]
        text.append("")
    text += [f"### {_escaped(song)}: {what}\n" for song, what in missing.items()]
    return "\n".join(text)


def to_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain data, without the paths of files, which may be temporary."""
    data = comparison.to_dict()
    data["tracks"] = [
        {key: value for key, value in track.items() if key not in ("old_path", "new_path")}
        for track in data["tracks"]
    ]
    return data


def count(comparison: Comparison) -> str:
    """How many files are identical, in words."""
    tracks = comparison.tracks
    same = sum(track.status == "identical" for track in tracks)
    if same == len(tracks) and not comparison.changes:
        return f"all {same} files are identical"
    return f"{same} of {len(tracks)} files are identical"


def describe(track: TrackComparison) -> str:
    """What has changed of a track, without its name."""
    words = "; ".join(change.words for change in track.changes)
    follows = f"follows {', '.join(track.follows)}" if track.follows else ""
    was = f"was {track.old_name}" if track.status == "renamed" else ""
    return "; ".join(filter(None, (was, words, follows)))


def level(track: TrackComparison) -> str:
    """The level of the difference in words; empty if there is none, or the files cannot be subtracted."""
    return "" if track.residual_dbfs is None else f"{track.residual_dbfs:.1f} dBFS"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(text))
