"""The pieces of the drum kit, and patterns of them in a song of their own."""

from __future__ import annotations

from stemwright import sources
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)

PEAK_DB = {"kick": -4, "snare": -7, "rim": -8, "clap": -10, "hat": -14, "pedal_hat": -19, "open_hat": -15}
PEAK_DB |= {
    "tom_low": -7,
    "tom_mid": -7,
    "tom_high": -7,
    "shaker": -17,
    "cowbell": -15,
    "ride": -15,
    "crash": -11,
}
PIECES = tuple(PEAK_DB)
DRY = {"drum_kit": {"variation": 0.0, "room": 0.0}}
"""Our own kit without what differs from hit to hit, and without a room."""

ONE_BAR = [("a", "1 bar")]


def context(sections=ONE_BAR, changes=((1, 120, "4/4"),), rate=8_000, channels=1, seed="drums"):
    tempo = TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )
    line = Timeline.build(rate, tempo, None, [(name, parse_duration(span), None) for name, span in sections])
    return RenderContext(rate, channels, line.frames, seed, line)


def make(patterns, **keys):
    return sources.make({"drums": {"patterns": patterns, "kit": DRY, **keys}})


HUMAN = {"timing_ms": 5.0, "velocity_spread": 0.1}
