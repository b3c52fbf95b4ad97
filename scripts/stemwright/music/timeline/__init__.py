"""Musical time as exact fractions. Each position is rounded only once, from exact time to the nearest frame."""

from stemwright.music.timeline.tempo import TempoChange, TempoMap
from stemwright.music.timeline.timeline import Section, Timeline, TimelineError
from stemwright.music.timeline.values import (
    Duration,
    Position,
    TimeSignature,
    parse_bpm,
    parse_duration,
    parse_key,
    parse_position,
    parse_time_signature,
    round_half_up,
)

__all__ = [
    "Duration",
    "Position",
    "Section",
    "TempoChange",
    "TempoMap",
    "TimeSignature",
    "Timeline",
    "TimelineError",
    "parse_bpm",
    "parse_duration",
    "parse_key",
    "parse_position",
    "parse_time_signature",
    "round_half_up",
]
