"""Why two files of one track differ: the simplest causes that the samples bear out, each with its bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stemwright.comparison.difference import Difference, Finding
from stemwright.comparison.faders import by_section, constant, shared_gain, silenced
from stemwright.comparison.playing import came_and_went, moved_events, other, repitched
from stemwright.comparison.processing import ambience, coded, late, processed, rounded
from stemwright.comparison.result import Change

_CAUSES: Sequence[Callable[[Difference], list[Finding]]] = (
    rounded,
    silenced,
    constant,
    coded,
    by_section,
    late,
    processed,
    ambience,
    moved_events,
    repitched,
    came_and_went,
    other,
)
"""From those that a few numbers prove to those that only fit best."""


def find_causes(found: Difference) -> list[Finding]:
    """The causes of a difference, the most important first; empty if nothing differs.

    A gain that most bars share is one cause; what differs besides is looked for in what it leaves.
    """
    if not found.mask.any():
        return []
    if (shared := shared_gain(found)) is not None:
        gain, own = shared
        rest = Difference(found.pair.after(gain.matrix), found.places, found.same_source)
        return [*own, *find_causes(rest)]
    return next(causes for each in _CAUSES if (causes := each(found)))


def changes(found: Difference) -> list[Change]:
    """The causes of a difference in words."""
    return [
        Change(
            each.kind,
            found.places.passages(each.bars, found.sounding),
            None if each.amount is None else round(each.amount, 3),
            each.unit,
            f"{each.text} {found.places.words(each.bars, found.sounding)}".rstrip(),
            round(each.confidence, 3),
        )
        for each in find_causes(found)
    ]
