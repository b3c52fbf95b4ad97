"""A part that is replaced with another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from stemwright.audio.edit_list import Piece
from stemwright.base.decibels import amplitude
from stemwright.music.timeline import parse_position
from stemwright.sources.edits._base import OTHER_FILE, RECORDING, Joined, Ruler
from stemwright.validation.fields import Field


@dataclass(frozen=True, kw_only=True)
class Replace(Joined):
    """Replaces a part with one of the same length from elsewhere in the recording, or from another file.

    Another file counts as recorded beside the first: its positions are those of the recording.
    """

    example = "{start: bar 17, end: bar 19, file: takes/bass-2.wav}"
    elsewhere = ("by",)

    by: (
        Annotated[
            str,
            Field(
                "Where the other part begins; by default at the same position, in `file`.",
                parse=parse_position,
            ),
        ]
        | None
    ) = None
    file: (
        Annotated[
            str,
            Field("Path of the file that it is taken from; by default that of the recording.", min_length=1),
        ]
        | None
    ) = None
    gain_db: Annotated[float, Field("Change of its level.", "dB", ge=-60, le=60)] = 0.0

    def __post_init__(self) -> None:
        if self.by is None and self.file is None:
            raise ValueError("needs by, file, or both: what is it to be replaced by?")

    def input_files(self) -> list[tuple[tuple, str]]:
        return [] if self.file is None else [(("file",), self.file)]

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        start, end = self.span(frame)
        source = RECORDING if self.file is None else OTHER_FILE
        first = start if self.by is None else frame(self.by)
        yield Piece(end - start, source, first, gain=amplitude(self.gain_db))
