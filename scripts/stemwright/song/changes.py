"""What `changes` of a song holds, as models: changes of tempo and meter, ramps and fermatas."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from stemwright.music.timeline import (
    parse_beat,
    parse_bpm,
    parse_duration,
    parse_position,
    parse_time_signature,
)
from stemwright.song.entries import StrictModel
from stemwright.song.shorthand import parse_musical_length
from stemwright.validation.fields import Field


def _parse_beat(value: object) -> None:
    """Check a note that bpm counts; a number is a beat of the bar, which stands elsewhere. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(
            f"must be a note such as 1/4; give a beat of the bar in place of it, at: bar 9 beat 2 (is {value!r})"
        )
    parse_beat(value)


class TempoRamp(StrictModel):
    """A tempo that moves, beginning where its change is: ritardando or accelerando. It stays at `to`."""

    to: Annotated[
        Any, Field("The tempo that it ends at, exactly.", parse=parse_bpm, types=("number", "string"))
    ]
    over: Annotated[str, Field("Its length in bars, beats or notes (2 bars).", parse=parse_musical_length)]
    curve: Annotated[
        Literal["beats", "time"],
        Field("What it is linear in: beats (as in most sequencers), or time (as in REAPER)."),
    ] = "beats"


class Change(StrictModel):
    """A change of tempo or meter at the start of a bar (`bar`), or of tempo at a beat (`at`); a ramp; a fermata.

    Several may be in one change: `{bar: 63, bpm: 100, ramp: {to: 60, over: 2 bars}}` is 100 at bar 63, and slows down
    from there. In a ramp, the meter may change and time may be held, but no other tempo may begin.
    """

    bar: (
        Annotated[int, Field("The bar at whose start the change takes effect.", ge=1, le=1_000_000)] | None
    ) = None
    at: (
        Annotated[
            str,
            Field(
                "In place of bar: a bar and a beat (bar 64 beat 4). Meter changes on beat 1 only.",
                parse=parse_position,
            ),
        ]
        | None
    ) = None
    bpm: Annotated[Any, Field("Tempo in beats per minute.", parse=parse_bpm, types=("number", "string"))] = (
        None
    )
    meter: Annotated[str, Field("Time signature.", parse=parse_time_signature)] | None = None
    beat: (
        Annotated[
            str,
            Field(
                "The note that bpm counts from here on, as `beat` of the song; another one needs a bpm.",
                parse=_parse_beat,
            ),
        ]
        | None
    ) = None
    ramp: Annotated[TempoRamp, Field("A ramp that begins here.")] | None = None
    hold: (
        Annotated[
            str,
            Field(
                "Fermata: how long time stands here, beyond the written lengths (2 beats, 1.5 s). What begins here "
                "sounds that much longer, and all that comes after it is later. Musical lengths are of the tempo here.",
                parse=parse_duration,
            ),
        ]
        | None
    ) = None
