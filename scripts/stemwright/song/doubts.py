"""What is probably a mistake in a song that can be built: a warning, or an error in a song that is `strict`."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.music.harmony.chart import chart_doubt
from stemwright.music.harmony.section import Harmony
from stemwright.music.timeline import Timeline
from stemwright.song.checks import Mistake, components, planning_context
from stemwright.song.model import Song


def doubts(song: Song, timeline: Timeline, harmony: list[Harmony]) -> Iterator[Mistake]:
    """Find what can be built and is probably a mistake, in a song that has no mistakes.

    Parameters
    ----------
    song : Song
        The song.
    timeline : Timeline
        Its timeline.
    harmony : list of Harmony
        The harmony of each section.

    Yields
    ------
    tuple of (tuple, str)
        Each doubt: the path of its key, and a message.
    """
    pickup = timeline.tempo.pickup
    if pickup and timeline.sections and timeline.sections[0].end != pickup:
        name = timeline.sections[0].name
        yield (
            ("sections", 0, name),
            "begins with the pick-up, in bar 0, and its chords and patterns with it: give the pick-up a section of its "
            f"own before it, such as `- upbeat: {song.pickup}`",
        )
    for index, span in enumerate(timeline.sections):
        chart = song.sections[index][span.name].chords
        if chart is not None and (doubt := chart_doubt(chart, span, timeline.tempo)):
            yield ("sections", index, span.name, "chords"), doubt
    context = planning_context(song, timeline, harmony)
    for place, component in components(song):
        yield from (((*place, *where), message) for where, message in component.doubts(context))
