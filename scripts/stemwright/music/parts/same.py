"""The part of another section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.music.parts._base import Part
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Same(Part):
    """The part of another section, played in the harmony of this one, as in `same: verse`."""

    example = "chorus\n  chorus: {degrees: 1 . 5 .}"

    # The source `play` replaces it by that part.

    section: Annotated[str, Field("The section whose part is played.", min_length=1)]

    short = "section"
