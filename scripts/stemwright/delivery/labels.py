"""Labels as Audacity imports them (File > Import > Labels): a line for each, its start, its end in s, and its text.

Sections are regions, from their start to their end. All else is a point: changes of tempo and meter, and chords.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from stemwright.delivery.tempo_changes import tempo_changes
from stemwright.music.count_in import CountIn, describe_count_in
from stemwright.music.timeline import Timeline


def labels_text(
    timeline: Timeline,
    titles: Sequence[str],
    chords: Sequence[tuple[Fraction, str]],
    *,
    has_tempo: bool = True,
    bars: int = 0,
) -> str:
    """The labels of a song.

    Parameters
    ----------
    timeline
        The song's timeline.
    titles
        The text of each section.
    chords
        The start of each chord in quarters, and its symbol.
    has_tempo
        Whether the song has a tempo.
    bars
        The bars of a count-in before the song: a region of its own, after which all else comes later.

    Returns
    -------
    str
        The lines, in order of time.
    """
    tempo, count_in = timeline.tempo, CountIn(timeline.tempo, bars)
    lead = count_in.frames(timeline.rate)
    found = [(0, lead, describe_count_in(bars))] if bars else []
    for section, title in zip(timeline.sections, titles, strict=True):
        found.append((lead + section.start_frame, lead + section.end_frame, title))
    points = [*tempo_changes(tempo, timeline.end).items()] if has_tempo else []
    for at, text in [*points, *chords]:
        frame = lead + timeline.frame(at)
        found.append((frame, frame, text))
    lines = sorted(
        found, key=lambda label: label[0]
    )  # regions first, then changes: they were found in this order
    return "".join(f"{_second(a, timeline)}\t{_second(b, timeline)}\t{text}\n" for a, b, text in lines)


def _second(frame: int, timeline: Timeline) -> str:
    return f"{frame / timeline.rate:.6f}"
