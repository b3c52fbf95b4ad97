"""What the command that starts a song may be told: types of keys of the config, meant for the command line."""

from __future__ import annotations

from typing import Annotated, Any

from stemwright.music.timeline import parse_bpm, parse_key
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line, parse_song_name


def _parse_text(value: object) -> str:
    """Read a text of the command line; YAML takes some for numbers. Raises ValueError for what is none."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise ValueError(f"must be text (is {value!r:.80})")
    return parse_line(str(value)) if value != "" else ""


def _parse_song(value: object) -> str:
    return parse_song_name(_parse_text(value)) if value != "" else ""


def _parse_tempo(value: object) -> object:
    if value != "":
        parse_bpm(value)
    return value


def _parse_key(value: object) -> str:
    text = _parse_text(value)
    if text:
        parse_key(text)
    return text


NewName = Annotated[
    Any,
    Field(
        "The name of a song to start. It is meant for the command line, as the next keys are: `snakemake new --config "
        "song=night-bus` writes songs/night-bus.yaml, and adds it to `songs`.",
        parse=_parse_song,
        types=("string", "number"),
    ),
]
NewAudio = Annotated[
    Any,
    Field(
        "The folder of the recordings that the new song plays.", parse=_parse_text, types=("string", "number")
    ),
]
NewStyle = Annotated[
    Any, Field("The style of the new song; by default pop.", parse=_parse_text, types=("string", "number"))
]
NewTitle = Annotated[
    Any,
    Field("Its title; by default made of its name.", parse=_parse_text, types=("string", "number")),
]
NewArtist = Annotated[Any, Field("Who makes it.", parse=_parse_text, types=("string", "number"))]
NewTempo = Annotated[
    Any,
    Field("Its bpm; by default that of its style.", parse=_parse_tempo, types=("number", "string")),
]
NewKey = Annotated[Any, Field("Its key; by default that of its style.", parse=_parse_key, types=("string",))]
