"""Edits laid out: the edit list of a recording, and the mistakes in its edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from stemwright.audio import AudioFile
from stemwright.audio.edit_list import Curve, EditList, Joint, Piece, Take
from stemwright.music.component import role
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import parse_position, round_half_up
from stemwright.sources.edits import Edit, Splice
from stemwright.sources.edits._base import OTHER_FILE, RECORDING
from stemwright.validation.problems import format_path

_DECLICK_S = 0.005  # the crossfade at a joint for which none is given
_MOST_PIECES = 100_000  # laid out in a second
UNKNOWN = 1 << 62
"""The frames of a recording whose length is not known yet."""

Mistake = tuple[tuple, str]
"""The path of a key below those of the source, and a message."""


@dataclass(frozen=True)
class Placement:
    """Where a recording stands: its second `start` is at second `at` of the song.

    `rate` is its own, in Hz, and `end` its length in frames, if it is known. `slack` is how far, in s, it may still be
    shifted: a position in the song that lies so far outside of the recording counts as its start or end.
    """

    start: Fraction
    at: Fraction
    rate: int
    context: RenderContext
    end: int = UNKNOWN
    slack: float = 0.0

    @property
    def first(self) -> int:
        """The frame of the recording at its start."""
        return round_half_up(self.start * self.rate)

    def frame(self, text: str) -> int:
        """The frame of the recording at a position in it, in s, or at one in the song, in bars and beats.

        Raises ValueError for a beat that its bar does not have.
        """
        position = parse_position(text)
        seconds = position.seconds + position.offset.seconds
        if position.is_musical:
            tempo = self.context.required_timeline().tempo
            seconds = self.start + tempo.time_of(position) - self.at
        frame = round_half_up(seconds * self.rate)
        nearest = min(max(frame, self.first), self.end)
        return nearest if position.is_musical and abs(nearest - frame) <= self.slack * self.rate else frame

    def time(self, frame: int) -> str:
        """The time of a frame of the recording, as text."""
        return f"{frame / self.rate:,.3f} s"


@dataclass(frozen=True)
class _Placed:
    """A splice, its edit, and the place of that in the keys of the source."""

    splice: Splice
    edit: Edit
    place: tuple

    def span(self, placement: Placement) -> str:
        """The span of the recording that it is about, as text."""
        return f"{placement.time(self.splice.start)} to {placement.time(self.splice.end)}"


def _further(one: _Placed, other: _Placed) -> _Placed:
    """Which of two ends later; of equal ones, the second."""
    return one if one.splice.end > other.splice.end else other


class Layout:
    """The pieces of an edited recording in order, and the joints between them.

    Parameters
    ----------
    edits : sequence of (tuple, Edit)
        The edits in any order, each with its place in the keys of the source.
    placement : Placement
        Where the recording stands.
    lengths : mapping of str to int
        The lengths in frames, at the rate of the recording, of the other files, if they are known, by their roles.

    Attributes
    ----------
    mistakes : list of (tuple, str)
        The path of each mistake below the keys of the source, and its message.
    pieces : list of Piece
        The pieces, if there is no mistake.
    joints : list of Joint
        The joints, one fewer.
    """

    def __init__(self, edits: Sequence[tuple[tuple, Edit]], placement: Placement, lengths: Mapping[str, int]):
        self._placement, self._lengths = placement, {RECORDING: placement.end, **lengths}
        self.pieces: list[Piece] = []
        self.joints: list[Joint] = []
        self.mistakes = [mistake for place, edit in edits for mistake in self._misplaced(place, edit)]
        if self.mistakes:
            return
        placed = [
            _Placed(self._named(splice, place), edit, place)
            for place, edit in edits
            for splice in edit.splices(placement.frame)
        ]
        if (count := sum(len(each.splice.pieces) for each in placed)) > _MOST_PIECES:
            self.mistakes = [
                (
                    ("edits",),
                    f"must make at most {_MOST_PIECES:,} pieces of it (they make {count:,}): repeat it less",
                )
            ]
            return
        placed.sort(key=lambda each: (each.splice.start, each.splice.end))
        self.mistakes = [*self._overlapping(placed), *self._missing(placed)]
        if not self.mistakes:
            self.mistakes = list(self._join(list(self._laid_out(placed))))

    @property
    def cut_in(self) -> bool:
        """Whether it begins inside of a recording, without a fade."""
        first = self.pieces[0]
        is_start = first.source == RECORDING and not first.start and not first.reverse
        return first.source is not None and bool(first.first_gain) and not is_start

    @property
    def cut_out(self) -> bool:
        """Whether it ends inside of a recording, without a fade."""
        last = self.pieces[-1]
        is_end = (
            last.source == RECORDING and last.start + last.frames == self._placement.end and not last.reverse
        )
        return last.source is not None and bool(last.last_gain) and not is_end

    def edit_list(self, files: Mapping[str, AudioFile], channels: int) -> EditList:
        """The pieces as one recording, read from open files, by the names that the pieces have for them."""
        rate, reach = self._placement.rate, max([0, *(joint.half for joint in self.joints)])
        used: dict[str, tuple[int, int]] = {}
        for piece in self.pieces:
            if piece.source is not None:
                start, end = used.get(piece.source, (piece.start, 0))
                used[piece.source] = min(start, piece.start), max(end, piece.start + piece.frames)
        is_unedited = len(self.pieces) == 1
        takes = {
            name: Take(files[name], rate, channels, (start - reach, end + reach), is_unedited)
            for name, (start, end) in used.items()
        }
        return EditList(self.pieces, self.joints, takes, rate, channels)

    def _misplaced(self, place: tuple, edit: Edit) -> Iterator[Mistake]:
        """The mistakes of one edit in its positions."""
        known = True
        for key in (*edit.positions, *edit.elsewhere):
            text = getattr(edit, key)
            try:
                at = self._placement.first if text is None else self._placement.frame(text)
            except ValueError as error:  # a beat that its bar does not have
                known = False
                yield (*place, key), str(error)
                continue
            if key in edit.positions and (problem := self._outside(text, at)):
                yield (*place, key), problem
        if known and (mistake := edit.misplaced(self._placement.frame)):
            yield (*place, mistake[0]), mistake[1]

    def _outside(self, text: str, at: int) -> str:
        """The message for a position that is outside of the recording, at a frame of it, or ""."""
        time, first, end = self._placement.time, self._placement.first, self._placement.end
        if first <= at <= end:
            return ""
        found = f"{text!r}, at {time(at)}" if parse_position(text).is_musical else repr(text)
        where = f"before the start of the recording at {time(first)}"
        if at > end:
            where = f"beyond the end of the recording at {time(end)}"
        return f"must not lie {where} (is {found})"

    @staticmethod
    def _named(splice: Splice, place: tuple) -> Splice:
        """The splice with the role of the edit's own file in place of `OTHER_FILE`."""
        own = role((*place, "file"))
        pieces = (replace(p, source=own) if p.source == OTHER_FILE else p for p in splice.pieces)
        return replace(splice, pieces=tuple(pieces))

    def _overlapping(self, placed: Sequence[_Placed]) -> Iterator[Mistake]:
        """The edits that overlap one before them: of the same part, the order would decide what becomes of it."""
        told = set()
        for before, each in zip(accumulate(placed, _further), placed[1:], strict=False):
            start, end = before.splice.start, before.splice.end
            if each.place in told:
                continue
            if end > each.splice.start or start == end == each.splice.start == each.splice.end:
                known = self._placement
                message = (
                    f"overlaps {format_path(before.place)} ({before.span(known)}); this one is about "
                    f"{each.span(known)}. All positions are those of the original recording, each part of which can "
                    "be edited once: shorten one of the two"
                )
                told.add(each.place)
                yield each.place, message

    def _missing(self, placed: Sequence[_Placed]) -> Iterator[Mistake]:
        """What is taken from where a file has nothing."""
        time = self._placement.time
        for each in placed:
            for piece in each.splice.pieces:
                length = self._lengths.get(piece.source or "", UNKNOWN)
                if piece.source and not 0 <= piece.start <= length - piece.frames:
                    key = next((key for key in each.edit.elsewhere if getattr(each.edit, key)), "file")
                    needed = f"{time(piece.frames)} from {time(piece.start)} on"
                    yield (*each.place, key), f"{needed} are needed, and the file ends at {time(length)}"

    def _laid_out(self, placed: Sequence[_Placed]) -> Iterator[tuple[Piece, list[_Placed]]]:
        """The pieces in order, each with the splices that meet at its start."""
        at, meet = self._placement.first, list[_Placed]()
        for each in placed:
            until = min(each.splice.start, self._placement.end)
            if at < until:
                yield Piece(until - at, RECORDING, at), meet
                meet = []
            meet.append(each)
            for piece in each.splice.pieces:
                yield piece, meet
                meet = [each]
            at = max(at, each.splice.end)
        if at < self._placement.end:
            yield Piece(self._placement.end - at, RECORDING, at), meet

    def _join(self, laid_out: Sequence[tuple[Piece, list[_Placed]]]) -> Iterator[Mistake]:
        """Fill in pieces and joints. Yield the crossfades that are too long for their pieces."""
        if not laid_out:
            yield ("edits",), "leave nothing of the recording"
        self.pieces = [piece for piece, _ in laid_out]
        rate = self._placement.rate
        for (before, _), (after, meet) in pairwise(laid_out):
            goes_on, shorter = after.continues(before), min(before.frames, after.frames)
            if goes_on and before.last_gain == after.first_gain:
                self.joints.append(Joint())
                continue
            given = [each for each in meet if each.edit.crossfade is not None]
            longest = sorted(given or meet, key=lambda each: -(each.edit.crossfade_frames(rate) or 0))
            chosen, curves = longest[0], [each.edit.joint_curve for each in (*longest, *meet)]
            frames = chosen.edit.crossfade_frames(rate)
            if frames is None:
                frames = min(round(_DECLICK_S * rate), shorter)
            elif frames > shorter:
                most = f"{self._placement.time(shorter)}, the length of the shorter piece that it joins"
                yield (*chosen.place, "crossfade"), f"must be at most {most} (is {chosen.edit.crossfade!r})"
            # A step of the level within one sound is a ramp of it: with any other curve, it would bulge.
            curve: Curve = "linear" if goes_on else next(filter(None, curves), "linear")
            self.joints.append(Joint(frames // 2, curve))
