"""The model of an album: `albums/NAME.yaml`, songs in order."""

from __future__ import annotations

from typing import Annotated

from stemwright.song.delivery_format import DeliveryFormat
from stemwright.song.entries import Gates, SongName, StrictModel
from stemwright.song.metadata import parse_isrc, parse_upc
from stemwright.song.shorthand import NameOrKeys, OptionalKeys, PresetOrTarget
from stemwright.song.target import Target
from stemwright.sources._clip import parse_seconds
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line, parse_text
from stemwright.validation.templates import parse_template

MOST_TRACKS = 99
"""Of a compact disc (IEC 60908)."""


class AlbumTrack(StrictModel):
    """A song on an album. `- name` is short for `- name: {}`."""

    gap: (
        Annotated[
            str,
            Field(
                "The silence before it; 0 s: it follows without a break. By default the album's.",
                parse=parse_seconds,
            ),
        ]
        | None
    ) = None
    title: (
        Annotated[
            str,
            Field("Its title, if it is not the song's.", parse=parse_line, min_length=1, max_length=200),
        ]
        | None
    ) = None
    artist: (
        Annotated[
            str,
            Field("Who made it, if it is not the song's.", parse=parse_line, min_length=1, max_length=200),
        ]
        | None
    ) = None
    isrc: (
        Annotated[str, Field("Its ISRC, if it is not that of the song's `metadata`.", parse=parse_isrc)]
        | None
    ) = None


class TrackNames(StrictModel):
    """Names of an album's tracks, without extension.

    {number}, {title}, {artist}, {song}, {album} and {bpm} are filled in; {album} is the album's title.
    """

    track: Annotated[str, Field("Name of each track.", parse=parse_template)] = "{number}_{title}"
    ascii: Annotated[bool, Field("Write names in ASCII: é as e, ß as ss, ’ as '.")] = False


class AlbumDelivery(DeliveryFormat):
    """Format and names of the tracks. A format that is not given is that of `delivery` in the house rules."""

    names: Annotated[TrackNames, Field("Names of the tracks.")] = TrackNames()


class Album(StrictModel):
    """`albums/NAME.yaml`: songs in order, each as its own song masters it."""

    title: Annotated[str, Field("Its title.", parse=parse_line, min_length=1, max_length=200)] | None = None
    artist: (
        Annotated[
            str,
            Field(
                "Who made it, of all songs that do not say.", parse=parse_line, min_length=1, max_length=200
            ),
        ]
        | None
    ) = None
    upc: Annotated[str, Field("Its UPC or EAN, in quotes.", parse=parse_upc)] | None = None
    notes: (
        Annotated[
            str,
            Field(
                "Notes for the client; they are part of the README.",
                parse=parse_text,
                min_length=1,
                max_length=10_000,
            ),
        ]
        | None
    ) = None
    songs: Annotated[
        list[
            Annotated[
                dict[SongName, Annotated[AlbumTrack, OptionalKeys()]],
                NameOrKeys(),
                Field("A song: its name, perhaps with keys.", min_length=1, max_length=1),
            ]
        ],
        Field("Its songs in order, each in `songs` of config.yaml.", min_length=1, max_length=MOST_TRACKS),
    ]
    gap: Annotated[
        str, Field("The silence between songs; 0 s: they follow without a break.", parse=parse_seconds)
    ] = "2 s"
    target: (
        Annotated[
            Target,
            PresetOrTarget(),
            Field(
                "The loudness of its loudest song, which the gate `album_loudness` judges: the name of a preset, or "
                "keys. Each song is brought to the target of its own."
            ),
        ]
        | None
    ) = None
    delivery: Annotated[AlbumDelivery, Field("Format and names of the tracks.")] = AlbumDelivery()
    gates: Annotated[Gates, Field("Limits of the gates, if they differ from the house rules.")] = Gates()
