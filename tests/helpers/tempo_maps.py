"""Tempo maps, and strategies that draw them."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from stemwright.music.timeline import (
    Duration,
    Ramp,
    TempoChange,
    TempoError,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)

RATES = [22_050, 44_100, 48_000, 96_000]
SLOWER_IN_THREE = [(1, 120, "4/4"), (3, 60, "3/4"), (5, 90, "7/8"), (7, 120, "2/4")]
"""Bars 1-2 last 2 s each, bars 3-4 3 s, bars 5-6 7/3 s, the others 1 s."""


def tempo_map(changes):
    return TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )


def timeline(*sections, rate=48_000, length=None, changes=((1, 140, "4/4"),), tail=None):
    """A timeline from text: sections are (name, length)."""
    layout = [(name, span if span == "remainder" else parse_duration(span), None) for name, span in sections]
    length = parse_duration(length) if isinstance(length, str) else length
    return Timeline.build(rate, tempo_map(changes), length, layout, tail and parse_duration(tail))


bpms = st.one_of(
    st.integers(10, 1000),
    st.decimals(10, 1000, places=3).map(str),
    st.builds("{}/{}".format, st.integers(1000, 9000), st.integers(10, 97)),
)
meters = st.builds("{}/{}".format, st.integers(1, 15), st.sampled_from([1, 2, 4, 8, 16]))
later_changes = st.lists(st.tuples(st.integers(2, 40), bpms, meters), max_size=5, unique_by=lambda c: c[0])
maps = st.builds(
    lambda bpm, meter, later: [(1, bpm, meter), *sorted(later, key=lambda c: c[0])],
    bpms,
    meters,
    later_changes,
)


def change(place, bpm=None, meter=None, ramp=None, hold=None):
    """A change from text: `place` is a bar, or (bar, beat); `ramp` is (to, over) or (to, over, curve)."""
    bar, beat = place if isinstance(place, tuple) else (place, 1)
    to, over, *curve = ramp or (0, "")
    return TempoChange(
        bar,
        None if bpm is None else parse_bpm(bpm),
        None if meter is None else parse_time_signature(meter),
        Fraction(beat),
        Ramp(parse_bpm(to), parse_duration(over), *curve) if ramp else None,
        parse_duration(hold) if hold else Duration(),
    )


@st.composite
def moving_maps(draw):
    """Tempo maps with ramps, holds, additive meters and pick-ups."""
    changes, bar = [change(1, draw(bpms), draw(st.sampled_from(["4/4", "3+2+2/8", "6/8", "3/4"])))], 1
    ramps = st.tuples(
        st.integers(10, 1000),
        st.sampled_from(["1 bar", "3 beats", "1/8", "2.5 bars"]),
        st.sampled_from(["beats", "time"]),
    )
    for _ in range(draw(st.integers(1, 5))):
        bar += draw(st.integers(1, 5))
        kind, beat = draw(st.integers(0, 3)), draw(st.sampled_from([1, 2, "5/4"]))
        if kind == 0:
            changes.append(change(bar, meter=draw(st.sampled_from(["4/4", "2+3/8", "3/4"]))))
        elif kind == 1:
            changes.append(
                change((bar, beat), hold=draw(st.sampled_from(["1 s", "2 beats", "1 bar + 10 ms"])))
            )
        else:
            changes.append(change((bar, beat), draw(st.none() | bpms), ramp=draw(ramps)))
    try:
        return TempoMap(changes, parse_duration(draw(st.sampled_from(["0 s", "1 beat", "1/8t"]))))
    except TempoError:
        assume(False)
