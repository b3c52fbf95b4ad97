"""What the documents have in common: the base of their models, names, and the entries that take kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict

from stemwright.song.shorthand import SingleKind, model_of_kinds
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_name, parse_song_name


class StrictModel(BaseModel):
    """Base of every model of a YAML file: frozen, and a key without a field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


if TYPE_CHECKING:  # a type checker cannot see models that are made at run time
    EffectEntry = BaseModel
    SourceEntry = BaseModel
    Gates = BaseModel
else:
    EffectEntry = Annotated[
        model_of_kinds(StrictModel, "stemwright.effects", "Effect", "One effect: its kind, and its keys."),
        SingleKind(),
    ]
    SourceEntry = Annotated[
        model_of_kinds(
            StrictModel,
            "stemwright.sources",
            "Source",
            "The source of a stem's sound: its kind, and its keys.",
        ),
        SingleKind(),
    ]
    Gates = model_of_kinds(
        StrictModel,
        "stemwright.gates",
        "Gates",
        "Limits of the gates; `false` turns a gate off.",
        can_be_off=True,
    )

SongName = Annotated[
    str, Field("The name of a song, perhaps in folders, such as rock/blue.", parse=parse_song_name)
]
Name = Annotated[str, Field("A name: letters, digits, - and _.", parse=parse_name)]

WritesAnnotations = Annotated[
    bool,
    Field(
        "Whether the ground truth of a song is written to annotations/: beats, sections, chords, keys, tempo, and the "
        "notes of each stem as they sound, as JAMS, CSV and MIDI."
    ),
]
"""The type of the key `annotations`, of songs and of the house rules."""

DatasetNames = Annotated[
    list[Name], Field("The datasets to build; each has a file datasets/NAME.yaml, and songs of `songs`.")
]
"""The type of the key `datasets` of the house rules."""
