"""Hand-off: files that give a song to a DAW, with its tempo, its meters and its sections as markers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from stemwright.base.files import atomic_write
from stemwright.delivery.dawproject import dawproject
from stemwright.delivery.labels import labels_text
from stemwright.delivery.rpp import rpp_text
from stemwright.delivery.score import read_score
from stemwright.delivery.tempo_table import tempo_table
from stemwright.delivery.zip_writer import write_zip
from stemwright.music.midi_file import write_midi
from stemwright.music.timeline import Timeline

END = "end"
"""The text of the marker at the end of the music."""


def write_handoff(path: str | os.PathLike, params: Mapping[str, Any], files: Sequence[str] = ()) -> list[str]:
    """Write a file for a DAW.

    Parameters
    ----------
    path
        The file to write.
    params
        What the stage says of it, as plain data: its `format`, the `timeline`, the texts of the `markers` at the starts
        of sections, and more by its format.
    files
        The files that its notes are read from.

    Returns
    -------
    list of str
        What a user should know of it.
    """
    timeline = Timeline.from_dict(params["timeline"])
    starts = [section.start for section in timeline.sections]
    if params["format"] in ("midi", "dawproject"):
        markers = [*zip(starts, params["markers"], strict=True), (timeline.end, END)]
        if params["format"] == "midi":
            return _write_midi(path, params, files, timeline, markers)
        write_zip(path, dawproject(timeline, markers, params))
        return []
    with atomic_write(path) as part, open(part, "w", encoding="utf-8", newline="") as file:
        file.write(_text(params, timeline))
    return []


def _text(params: Mapping[str, Any], timeline: Timeline) -> str:
    """The content of a file that is text."""
    if params["format"] == "rpp":
        return rpp_text(timeline, params["markers"], params["tracks"], params["seconds"])
    if params["format"] == "tempo_map":
        return tempo_table(timeline)
    chords = [(Fraction(at), symbol) for at, symbol in params["chords"]]
    return labels_text(
        timeline, params["markers"], chords, has_tempo=params["has_tempo"], bars=params["bars"]
    )


def _write_midi(
    path: str | os.PathLike,
    params: Mapping[str, Any],
    files: Sequence[str],
    timeline: Timeline,
    markers: Sequence[tuple[Fraction, str]],
) -> list[str]:
    score = read_score(params["scores"], files, timeline)
    write_midi(path, score.parts, timeline.tempo, drums=score.drums, markers=markers)
    return [
        f"{name}: {n} notes are left out: MIDI has no such pitch" for name, n in score.out_of_range.items()
    ]
