"""Sources, rendered along a timeline."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

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


def timeline(rate=8_000, bpm=120, meter="4/4", length="8 bars", sections=()):
    tempo = TempoMap([TempoChange(1, parse_bpm(bpm), parse_time_signature(meter))])
    layout = [(name, parse_duration(span), None) for name, span in sections]
    return Timeline.build(rate, tempo, None if sections else parse_duration(length), layout)


def on(line, channels=1, **files):
    return RenderContext(
        line.rate, channels, line.frames, "stem", line, {k: str(v) for k, v in files.items()}
    )


def rendered(entry, context, sections=None):
    return np.concatenate(list(sources.render(sources.make(entry), context, sections)))


def rounded(seconds, rate=8_000):
    """The nearest frame, halves upwards, to an exact time."""
    return int((Fraction(seconds) * rate * 2 + 1) // 2)


def noise(seconds, rate=8_000, channels=1):
    return np.random.default_rng(1).uniform(-0.9, 0.9, (round(seconds * rate), channels)).astype(np.float32)
