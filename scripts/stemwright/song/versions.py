"""The model of `versions`: what else is made of one song, such as an instrumental, a cut-down or a loop."""

from __future__ import annotations

import re
from typing import Annotated

from stemwright.music.timeline import parse_duration
from stemwright.song.entries import Gates, Name, StrictModel
from stemwright.song.shorthand import PresetOrTarget
from stemwright.song.target import Target
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_line

MAIN_VERSION = "main"
"""The name of the song as a whole: no version can have it."""

_BARS = re.compile(r"bars?\s+(\d{1,6})(?:\s*-\s*(\d{1,6}))?")
_SECTION = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_-]*)(?:\s+([1-9]\d{0,3}))?")


def parse_passage(text: object) -> tuple[str, int] | tuple[int, int]:
    """Read a passage of a song. Raises ValueError for anything else.

    Parameters
    ----------
    text
        A section, `chorus` or `chorus 2`, or bars, `bars 17-24` or `bar 17`.

    Returns
    -------
    name or first : str or int
        The name of the section, or the first bar.
    number or last : int
        How manieth of its name the section is, from 1; or the last bar.
    """
    if isinstance(text, str) and (match := _BARS.fullmatch(text.strip())):
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise ValueError(f"must end with a bar that is not before its first (is {text!r})")
        return first, last
    if isinstance(text, str) and (match := _SECTION.fullmatch(text.strip())):
        return match[1], int(match[2] or 1)
    raise ValueError(f"must be a section (chorus, or chorus 2 for the second) or bars 17-24 (is {text!r})")


def _parse_length(text: object) -> None:
    if not parse_duration(text):
        raise ValueError(f"must be more than 0 (is {text!r})")


class Version(StrictModel):
    """A version of the song: some of its stems, some of its passages, or both, with its own mix and master.

    `without` and `only` take stems and buses; a bus stands for all whose output it is, too. What both sides of such a
    choice sum to is the mix: dynamics of buses have the gains that they have in the whole song, and effects that are no
    sum of what they make of each stem (distortion) run on the version alone, so that only there it does not hold.

    `sections` and `loop` take a section by name (`chorus 2` is the second of that name) or bars (`bars 17-24`). They
    are cut on bar lines: what begins in a passage is played, and rings on over the next, with its reverb and echoes.
    """

    without: (
        Annotated[
            list[Name],
            Field("Stems and buses that are left out.", min_length=1),
        ]
        | None
    ) = None
    only: Annotated[list[Name], Field("Stems and buses that are heard alone.", min_length=1)] | None = None
    sections: (
        Annotated[
            list[Annotated[str, Field("A section or bars.", parse=parse_passage)]],
            Field("The passages that are played, in this order.", min_length=1),
        ]
        | None
    ) = None
    loop: (
        Annotated[
            str,
            Field(
                "A passage that can be repeated without a seam: what rings on after its end is heard at its start.",
                parse=parse_passage,
            ),
        ]
        | None
    ) = None
    length: (
        Annotated[
            str,
            Field(
                "Its exact length (30 s): what is longer is faded out, and silence follows what is shorter. By "
                "default that of its passages and the song's tail.",
                parse=_parse_length,
            ),
        ]
        | None
    ) = None
    fade_out: (
        Annotated[
            str,
            Field(
                "The length of the fade-out at its end. By default 1 s where `length` cuts it, and none where it ends "
                "as the song does.",
                parse=parse_duration,
            ),
        ]
        | None
    ) = None
    target: (
        Annotated[Target, PresetOrTarget(), Field("Its loudness target, if it is not that of the master.")]
        | None
    ) = None
    title: (
        Annotated[
            str,
            Field(
                "Its title; by default the song's with the version's name: Night Bus (instrumental).",
                parse=parse_line,
                min_length=1,
                max_length=200,
            ),
        ]
        | None
    ) = None
    gates: Annotated[Gates, Field("Limits of the gates, if they differ from the song's.")] = Gates()
