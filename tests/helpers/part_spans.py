"""Sections for parts to play in, and what they play there."""

from __future__ import annotations

import pytest

from stemwright.music import parts
from stemwright.music.harmony.chart import read_chart
from stemwright.music.harmony.section import Harmony
from stemwright.music.parts import Span
from stemwright.music.pitch import parse_note
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)

EIGHTH = parse_duration("1/8")
PLAIN, ACCENT, GHOST = 0.8, 1.0, 0.45


def span(length="1 bar", key="G major", chart=None, step="1/8", meter="4/4", before=None):
    tempo = TempoMap([TempoChange(1, parse_bpm(120), parse_time_signature(meter))])
    spans = [("a", parse_duration(length), None)]
    if before:
        spans.insert(0, ("before", parse_duration(before), None))
    section = Timeline.build(8_000, tempo, None, spans).sections[-1]
    chords = read_chart(chart, section, tempo, key, 0, pytest.fail) if chart else ()
    return Span(section.start, section.end, tempo, parse_duration(step), Harmony(key, chords))


def make(kind, pattern=None, **keys):
    cls = parts.registry.load("stemwright.music.parts", kind)
    return cls(**({cls.short: pattern} if pattern is not None else {}), **keys)


def played(part, on):
    """(start, end, pitch, velocity) of every note, checked to be free of mistakes."""
    assert mistakes(part, on) == []
    return [(float(e.start), float(e.end), e.pitch, round(e.velocity, 9)) for e in part.events(on)]


def mistakes(part, on):
    told = []
    part.items(on, lambda at, message: told.append(f"{on.tempo.describe(at, on.start)}: {message}"))
    return told


def pitches(part, on):
    return [pitch for _, _, pitch, _ in played(part, on)]


def names(text):
    return [parse_note(name) for name in text.split()]
