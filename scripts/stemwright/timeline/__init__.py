"""Musical time. Exact (rational) until it is rounded, once and absolutely, to a frame."""

from stemwright.timeline.tempo import Change, TempoMap
from stemwright.timeline.timeline import Section, Timeline, TimelineError
from stemwright.timeline.values import (
    Duration,
    Meter,
    Position,
    parse_bpm,
    parse_duration,
    parse_key,
    parse_meter,
    parse_position,
    round_half_up,
)

__all__ = [
    "Change",
    "Duration",
    "Meter",
    "Position",
    "Section",
    "TempoMap",
    "Timeline",
    "TimelineError",
    "parse_bpm",
    "parse_duration",
    "parse_key",
    "parse_meter",
    "parse_position",
    "round_half_up",
]
