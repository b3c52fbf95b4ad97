"""Where the patterns of a drum kit do not fill their bars or their sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stemwright.music.parts._rhythm import written_rhythm
from stemwright.music.repeats import described_misfits
from stemwright.music.timeline import Duration, Timeline
from stemwright.sources._feel import OTHER_SECTIONS


def rhythm_doubts(
    patterns: Mapping[str, Mapping[str, str]], step: Duration, timeline: Timeline
) -> Iterator[tuple[tuple, str]]:
    """Find patterns that do not fill their bars or their sections.

    Parameters
    ----------
    patterns : mapping of str to mapping of str to str
        The pattern of each piece, by section name; `OTHER_SECTIONS` is every section that is not named.
    step : Duration
        The length of a step.
    timeline : Timeline
        The timeline.

    Yields
    ------
    tuple of (tuple, str)
        The path of a pattern below the keys of the source, and a message.
    """
    found: dict[tuple, None] = {}  # sections of one name are told once
    for section in timeline.sections_or_all:
        name = section.name if section.name in patterns else OTHER_SECTIONS
        for piece, pattern in patterns.get(name, {}).items():
            for message in described_misfits(
                written_rhythm(pattern, 4 * step.notes), section, timeline.tempo
            ):
                found[("patterns", name, piece), message] = None
    yield from found
