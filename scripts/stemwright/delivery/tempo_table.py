"""The tempo map as CSV: a row for each beat, and for each change between two beats.

A tempo track is made from the rows with a `change`; what follows single beats (pictures, lights) reads them all.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from io import StringIO
from itertools import takewhile

from stemwright.delivery.tempo_changes import tempo_changes
from stemwright.music.timeline import Timeline, format_note

COLUMNS = ("bar", "beat", "meter", "bpm", "unit", "seconds", "frame", "change")


def tempo_table(timeline: Timeline) -> str:
    """The table of a song: `bpm` is the tempo at that moment, in notes of `unit`; `frame` is at the session's rate."""
    tempo = timeline.tempo
    changes = tempo_changes(tempo, timeline.end)
    beats = (quarter for _, _, quarter in tempo.meters.beats())
    on_beats = takewhile(lambda quarter: timeline.frame(quarter) < timeline.end_frame, beats)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for at in sorted({*on_beats, *changes}):
        bar, beat = tempo.bar_beat(at)
        signature = tempo.time_signature(at)
        bpm = _number(tempo.bpm(at) / signature.unit_quarters)
        seconds = f"{float(tempo.seconds(at)):.9f}"
        row = [bar, _number(beat), str(signature), bpm, format_note(signature.unit_quarters), seconds]
        writer.writerow([*row, timeline.frame(at), changes.get(at, "")])
    return text.getvalue()


def _number(value: Fraction) -> str:
    return f"{float(value):.9g}"
