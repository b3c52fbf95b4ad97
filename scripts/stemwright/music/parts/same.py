"""What another section plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stemwright.music.parts._base import Part
from stemwright.validation.fields import Field


@dataclass(frozen=True)
class Same(Part):
    """The part of another section, in this one's harmony, as in `same: verse`. The source `play` looks it up."""

    example = "chorus\n  chorus: {degrees: 1 . 5 .}"

    section: Annotated[str, Field("The section whose part it is.", min_length=1)]

    short = "section"
