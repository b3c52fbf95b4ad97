"""The models of recordings that a song is made to fit, or is compared with."""

from __future__ import annotations

from typing import Annotated

from stemwright.music.timeline import parse_position
from stemwright.song.entries import StrictModel
from stemwright.sources._alignment import Align
from stemwright.sources._clip import parse_seconds
from stemwright.validation.fields import Field


class Reference(StrictModel):
    """A recording that the song is made to fit. It is conformed and verified before any stem is rendered.

    By default its file begins with the song. `start` leaves out what comes before it in the file, such as a count-in;
    `at` makes it begin later in the song, after silence.
    """

    file: Annotated[
        str,
        Field(
            "Path of the file: relative to the working directory, absolute, or beginning with ~.",
            min_length=1,
        ),
    ]
    start: Annotated[str, Field("Position in the file where it begins.", parse=parse_seconds)] = "0 s"
    at: Annotated[str, Field("Position in the song where that stands.", parse=parse_position)] = "0 s"
    align: (
        Annotated[
            Align,
            Field(
                "A recording that it is shifted to match, as a source `audio` is. Its length stays as if it were not."
            ),
        ]
        | None
    ) = None


class Compare(StrictModel):
    """A finished song, whose sound mix and master are compared with, by the gate `compare`. It is not heard."""

    file: Annotated[
        str,
        Field(
            "Path of the file: relative to the working directory, absolute, or beginning with ~.",
            min_length=1,
        ),
    ]
