"""Charts, laid out over one section."""

from __future__ import annotations

from stemwright.music.harmony.chart import read_chart
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)


def tempo(bpm=120, meter="4/4", *changes):
    return TempoMap(
        [TempoChange(bar, parse_bpm(b), parse_time_signature(m)) for bar, b, m in [(1, bpm, meter), *changes]]
    )


def charted(chart, length="4 bars", key=None, move=0, meter="4/4"):
    """The chords of a section, as (start, end, symbol), and what is said to be wrong."""
    time, mistakes = tempo(meter=meter), []
    section = Timeline.build(8_000, time, None, [("a", parse_duration(length), None)]).sections[0]
    chords = read_chart(chart, section, time, key, move, mistakes.append)
    return chords, mistakes
