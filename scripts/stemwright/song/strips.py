"""The strips of the mixer, as models: stems and buses, with their effects, faders, outputs and sends."""

from __future__ import annotations

from typing import Annotated, Any

from stemwright.mixing.levels import HIGHEST_DB, LOWEST_DB
from stemwright.song.entries import EffectEntry, Gates, Name, SourceEntry, StrictModel
from stemwright.song.shorthand import GainOrLevel, GainOrSend, parse_mute
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_name


class Send(StrictModel):
    """A send of a stem or a bus to another bus. `hall: -12` is short for `hall: {gain_db: -12}`."""

    gain_db: Annotated[float, Field("Gain of the send.", "dB", ge=-96, le=24, automatable=True)] = 0.0
    pre_fader: Annotated[
        bool, Field("Whether it is taken before the fader and the pan; a mute mutes it in any case.")
    ] = False


class Strip(StrictModel):
    """What a stem and a bus have in common: effects, fader, and where they go."""

    effects: Annotated[list[EffectEntry], Field("Its effects, in order.")] = []
    gain_db: Annotated[
        float,
        Field("Gain of its fader.", "dB", ge=LOWEST_DB, le=HIGHEST_DB, automatable=True),
        GainOrLevel(),
    ] = 0.0
    pan: Annotated[
        float,
        Field("From -1 (left) to 1 (right), by the pan law of the session.", ge=-1, le=1, automatable=True),
    ] = 0.0
    mute: Annotated[
        Any,
        Field(
            "Whether it is muted: true, the sections in which it is, or points such as `{at: bar 9, mute: true}`.",
            parse=parse_mute,
            types=("boolean", "array"),
        ),
    ] = False
    output: Annotated[
        str,
        Field(
            "The bus that it goes to, after its fader; `mix`; or `none` for what is heard only through sends, or is "
            "only the key of a side-chain.",
            parse=parse_name,
        ),
    ] = "mix"
    sends: Annotated[
        dict[Name, Annotated[Send, GainOrSend()]], Field("Further buses that it is sent to, by name.")
    ] = {}
    deliver: (
        Annotated[
            bool,
            Field(
                "Whether it is delivered; by default yes, except for a stem that plays the reference, and for what "
                "is heard only as part of a bus that is delivered itself."
            ),
        ]
        | None
    ) = None
    gates: Annotated[Gates, Field("Limits of the gates for it alone.")] = Gates()


class Stem(Strip):
    """One stem: its source, its effects, its fader and pan, and where it goes."""

    source: Annotated[SourceEntry, Field("The source of its sound: one kind and its keys.")]
    dialogue: Annotated[
        bool,
        Field(
            "Whether it is speech: the loudness of dialogue is measured where it speaks, voices are compared with each "
            "other, and long silence is dead air."
        ),
    ] = False
    sections: (
        Annotated[list[Name], Field("The sections in which it is heard; by default all.", min_length=1)]
        | None
    ) = None


class Bus(Strip):
    """One bus: the sum of what is routed and sent to it, its effects, its fader and pan, and where it goes.

    A return, such as a reverb, is a bus that stems are sent to.
    """
