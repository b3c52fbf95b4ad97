"""Musical time as exact fractions. Each position is rounded only once, from exact time to the nearest frame.

Only the time in a ramp may be no fraction: it is known to 1e-30 s (see `pace`).
"""

from stemwright.music.timeline.tempo import Ramp, TempoChange, TempoError, TempoMap
from stemwright.music.timeline.timeline import Section, Timeline, TimelineError
from stemwright.music.timeline.values import (
    Duration,
    Position,
    TimeSignature,
    format_note,
    parse_beat,
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
    "Ramp",
    "Section",
    "TempoChange",
    "TempoError",
    "TempoMap",
    "TimeSignature",
    "Timeline",
    "TimelineError",
    "format_note",
    "parse_beat",
    "parse_bpm",
    "parse_duration",
    "parse_key",
    "parse_position",
    "parse_time_signature",
    "round_half_up",
]
