"""The base class of edits. An edit says what stands in place of which span of the recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from stemwright.audio.edit_list import Curve, Piece
from stemwright.music.component import Component
from stemwright.music.timeline import parse_position, round_half_up
from stemwright.sources._clip import parse_seconds, seconds
from stemwright.validation.fields import Field

Ruler = Callable[[str], int]
"""Gives the frame of the recording for a position that is written in an edit. Raises ValueError if there is none."""

RECORDING, OTHER_FILE = "file", "other"
"""What a piece is taken from: the recording itself, or the file of its edit."""


@dataclass(frozen=True)
class Splice:
    """Pieces, one after another, in place of the frames of the recording from `start` to `end`; none cut it out."""

    start: int
    end: int
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Edit(Component):
    """Base of an edit: a frozen dataclass of its keys."""

    positions: ClassVar[tuple[str, ...]] = ("start", "end")
    """Its keys that are positions in its recording."""

    elsewhere: ClassVar[tuple[str, ...]] = ()
    """Its keys that are positions of what it takes from elsewhere, and may be left out."""

    start: Annotated[str, Field("Where the part begins that is edited.", parse=parse_position)]
    end: Annotated[str, Field("Where it ends.", parse=parse_position)]
    crossfade: (
        Annotated[
            str,
            Field(
                "Length of the crossfade at each of its joints, half of it before the joint and half after it; by "
                "default 5 ms, or the length of the shorter piece.",
                parse=parse_seconds,
            ),
        ]
        | None
    ) = None

    @property
    def on_bars(self) -> list[str]:
        """The positions that are given in bars or beats."""
        texts = [getattr(self, key) for key in (*self.positions, *self.elsewhere)]
        return [text for text in texts if text is not None and parse_position(text).is_musical]

    def splices(self, frame: Ruler) -> Iterator[Splice]:
        """What it makes of the recording, in the time of the original.

        Parameters
        ----------
        frame : Ruler
            The frame at a position.

        Yields
        ------
        Splice
            Its splices, of which no two overlap.
        """
        yield Splice(*self.span(frame), tuple(self.pieces(frame)))

    def pieces(self, frame: Ruler) -> Iterator[Piece]:
        """The pieces in place of its part, if that is all that it changes."""
        return iter(())

    @property
    def joint_curve(self) -> Curve | None:
        """The curve of its crossfades; None if it joins nothing that was not together before."""
        return None

    def span(self, frame: Ruler) -> tuple[int, int]:
        """The part that is edited.

        Parameters
        ----------
        frame : Ruler
            The frame at a position.

        Returns
        -------
        start, end : int
            Its first frame, and the frame after its last.
        """
        return frame(self.start), frame(self.end)

    def misplaced(self, frame: Ruler) -> tuple[str, str] | None:
        """A mistake of its positions among each other.

        Parameters
        ----------
        frame : Ruler
            The frame at a position.

        Returns
        -------
        tuple of (str, str) or None
            The key, and the message.
        """
        start, end = self.span(frame)
        if start >= end:
            return "end", f"must come after start, {self.start} (is {self.end!r})"
        return None

    def crossfade_frames(self, rate: int) -> int | None:
        """The length of its crossfades at a rate in Hz; None if none is given."""
        return None if self.crossfade is None else round_half_up(seconds(self.crossfade) * rate)


@dataclass(frozen=True, kw_only=True)
class Joined(Edit):
    """Base of an edit that joins sounds of different places."""

    curve: Annotated[
        Literal["equal_power", "linear"],
        Field(
            "Curve of its crossfades: equal_power for sounds that differ, linear for sounds that are alike."
        ),
    ] = "equal_power"

    @property
    def joint_curve(self) -> Curve | None:
        return self.curve


@dataclass(frozen=True, kw_only=True)
class FadeEdit(Edit):
    """Base of a fade."""

    curve: Annotated[Literal["cosine", "linear", "equal_power"], Field("Curve of the fade.")] = "cosine"
