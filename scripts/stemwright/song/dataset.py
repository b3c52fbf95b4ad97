"""The model of a dataset: `datasets/NAME.yaml`, songs as tracks with their annotations, for research."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from stemwright.song.delivery_format import DeliveryFormat
from stemwright.song.entries import Gates, Name, StrictModel
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line, parse_text
from stemwright.validation.templates import parse_template

_PATTERN = re.compile(r"[A-Za-z0-9_*?/-]+")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")


def parse_song_pattern(text: object) -> str:
    """The name of a song, or a pattern of names. Raises ValueError for anything else."""
    if not isinstance(text, str) or not _PATTERN.fullmatch(text):
        raise ValueError(
            f"must be the name of a song, in which * is any text and ? any sign (is {text!r:.80})"
        )
    return text


def parse_version(text: object) -> str:
    """A version. Raises ValueError for anything else."""
    if not isinstance(text, str) or not _VERSION.fullmatch(text):
        raise ValueError(f"must be a version such as '1.0', in quotes (is {text!r:.80})")
    return text


SongPattern = Annotated[str, Field("A song, or a pattern of names: * is any text.", parse=parse_song_pattern)]


class Splits(StrictModel):
    """Which part of a dataset each song belongs to: by one of `fractions`, `songs` and `column`."""

    fractions: (
        Annotated[
            dict[Name, Annotated[float, Field("Its share.", gt=0, le=1)]],
            Field(
                "The share of each split; together 1. Chance decides, by the name of the song alone: songs that are "
                "added move no other song.",
                min_length=1,
            ),
        ]
        | None
    ) = None
    seed: Annotated[int, Field("Another seed deals `fractions` out in another way.", ge=0)] = 0
    songs: (
        Annotated[
            dict[Name, Annotated[list[SongPattern], Field("Its songs.", min_length=1)]],
            Field("The songs of each split.", min_length=1),
        ]
        | None
    ) = None
    column: (
        Annotated[
            str,
            Field(
                "The column of the songs' table that names the split of each.", parse=parse_line, min_length=1
            ),
        ]
        | None
    ) = None


class TrackIds(StrictModel):
    """Names of a dataset's tracks: {song}, {title}, {artist} and {bpm} are filled in."""

    track: Annotated[
        str, Field("Name of each track: of its folders, and in the index.", parse=parse_template)
    ] = "{song}"
    ascii: Annotated[bool, Field("Write names in ASCII: é as e, ß as ss, ’ as '.")] = False


class DatasetDelivery(DeliveryFormat):
    """Format and names of the audio. A format that is not given is that of `delivery` in the house rules."""

    names: Annotated[TrackIds, Field("Names of the tracks.")] = TrackIds()


class Dataset(StrictModel):
    """`datasets/NAME.yaml`: songs as tracks, each with its audio and its annotations, in splits, with an index."""

    title: Annotated[str, Field("Its title.", parse=parse_line, min_length=1, max_length=200)] | None = None
    version: Annotated[str, Field("Its version, in quotes.", parse=parse_version)] = "1.0"
    license: (
        Annotated[
            str,
            Field(
                "The licence of the data, such as CC BY 4.0.", parse=parse_line, min_length=1, max_length=200
            ),
        ]
        | None
    ) = None
    description: (
        Annotated[
            str,
            Field("What it is; part of its README.", parse=parse_text, min_length=1, max_length=10_000),
        ]
        | None
    ) = None
    songs: Annotated[
        list[SongPattern],
        Field("Its songs, by name or pattern, of those in `songs` of config.yaml.", min_length=1),
    ]
    audio: Annotated[
        list[Literal["mix", "master", "stems"]],
        Field("Which audio each track has. stems: those that the song delivers.", min_length=1),
    ] = ["mix", "stems"]
    splits: Annotated[Splits, Field("Which split each track is in; by default there are none.")] | None = None
    delivery: Annotated[DatasetDelivery, Field("Format and names of the audio.")] = DatasetDelivery()
    gates: Annotated[
        Gates, Field("Limits of the gates of the dataset, if they differ from the house rules.")
    ] = Gates()
