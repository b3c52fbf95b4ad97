"""The score of a song: the notes of all that is played, as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stemwright import sources
from stemwright.music.parts import Event
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline


@dataclass(frozen=True)
class Score:
    """The notes of each track by its name, which tracks are drums, and how many notes MIDI has no pitch for."""

    parts: dict[str, list[Event]]
    drums: list[str]
    out_of_range: dict[str, int]


def read_score(entries: Sequence[Mapping[str, Any]], files: Sequence[str], timeline: Timeline) -> Score:
    """Read the notes of a song.

    Parameters
    ----------
    entries
        What is played, as plain data: `name` of the track, `source`, the roles of its `files`, the `harmony` of each
        section, and the `sections` that it sounds in (None for all).
    files
        The paths of their files, in the same order.
    timeline
        The song's timeline.

    Returns
    -------
    Score
        The notes within the song; those that last longer end with it.
    """
    score, left = Score({}, [], {}), iter(files)
    for entry in entries:
        paths = {role: next(left) for role in entry["files"]}
        context = RenderContext(
            timeline.rate, 1, timeline.frames, timeline=timeline, files=paths, harmony=entry["harmony"]
        )
        name, sections = entry["name"], entry["sections"]
        spans = [(0, timeline.end_frame)] if sections is None else timeline.spans(sections)
        heard = [
            replace(event, end=min(event.end, timeline.end))
            for event in sources.make(entry["source"]).written(context)
            if event.start < timeline.end
            and any(start <= timeline.frame(event.start) < end for start, end in spans)
        ]
        score.parts[name] = sorted(event for event in heard if 0 <= event.pitch <= 127)
        if "drums" in entry["source"]:
            score.drums.append(name)
        if missing := len(heard) - len(score.parts[name]):
            score.out_of_range[name] = missing
    return score
