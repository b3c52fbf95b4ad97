"""A song's timeline: tempo map, length and sections, in frames.

Every boundary and every beat is rounded independently from exact time to the nearest frame (halves up). So rounding
errors do not accumulate, and no boundary depends on the sections before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.music.timeline.tempo import Passage, TempoMap
from stemwright.music.timeline.values import Duration, Position, format_note, round_half_up

REMAINDER = "remainder"
"""The length of a last section that extends to the end of the song."""


class TimelineError(StemwrightError):
    """Lengths and times that contradict each other. `path` is the path of the YAML key to blame."""

    def __init__(self, path: tuple, message: str):
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Section:
    """A section of the song: `start` to `end` in quarters, `start_frame` to `end_frame` (exclusive) in frames."""

    name: str
    start: Fraction
    end: Fraction
    start_frame: int
    end_frame: int
    key: str | None = None


class Timeline:
    """Musical time mapped to frames: `rate` in Hz, tempo map, sections.

    `end` is the end of the music in quarters, and `frames` the length of every audio file of the song: to that end, and
    `tail_frames` more, in which sound decays.
    """

    def __init__(
        self,
        rate: int,
        tempo: TempoMap,
        end: Fraction,
        frames: int,
        sections: Sequence[Section],
        tail_frames: int = 0,
    ):
        self.rate = rate
        self.tempo = tempo
        self.end = end
        self.frames = frames
        self.sections = tuple(sections)
        self.tail_frames = tail_frames

    @classmethod
    def build(
        cls,
        rate: int,
        tempo: TempoMap,
        length: Duration | int | None,
        sections: Sequence[tuple[str, Duration | str, str | None]],
        tail: Duration | None = None,
    ) -> Timeline:
        """Place sections one after another on a song's length.

        Parameters
        ----------
        rate
            Sample rate in Hz.
        tempo
            The tempo map.
        length
            The song's length: a duration, a number of frames (that of a reference), or None for the sum of the
            sections.
        sections
            (name, length, key) of each section in order. The last length may be "remainder"; the key may be None.
        tail
            How long the song's files go on after its end.

        Returns
        -------
        Timeline
            The timeline, with every boundary in frames.

        Raises
        ------
        TimelineError
            If the sections and the length do not match.
        """
        starts, at, second = [], Fraction(0), Fraction(0)
        for index, (_, span, _) in enumerate(sections):
            if (second - tempo.seconds(at)) * rate >= 1:
                raise TimelineError(
                    ("sections", index - 1),
                    f"section {sections[index - 1][0]} would end while time is held at {tempo.describe(at)}: let it "
                    "end before or after the hold",
                )
            starts.append(at)
            if isinstance(span, str):  # REMAINDER
                if index < len(sections) - 1:
                    raise TimelineError(("sections", index), "only the last section can take the remainder")
                if length is None:
                    raise TimelineError(
                        ("sections", index), "a remainder needs a length of the song (key length)"
                    )
                continue
            at, second = tempo.advance(at, span), tempo.time_after(at, span)
        end, end_second = _song_end(rate, tempo, length, at, second)
        frames = length if isinstance(length, int) else round_half_up(end_second * rate)
        if frames < 1:
            raise TimelineError(("length",), "the song must be at least one frame long")
        takes_remainder = bool(sections) and sections[-1][1] == REMAINDER
        gap = (end_second - second) * rate
        if gap <= -1:
            raise TimelineError(
                ("sections",),
                f"sections last {_format_end(tempo, rate, at)}, longer than the song: {_format_end(tempo, rate, end)}. "
                "Shorten them, or the song's length",
            )
        if sections and gap >= 1 and not takes_remainder:
            raise TimelineError(
                ("sections",),
                f"sections last {_format_end(tempo, rate, at)}, the song {_format_end(tempo, rate, end)}: "
                f"{float(gap / rate):.3f} s are in no section. "
                "Add a section of length: remainder, or correct the length",
            )
        bounds = [*starts, end]
        edges = [*(round_half_up(tempo.seconds(s) * rate) for s in starts), frames]
        built = [
            Section(name, bounds[i], bounds[i + 1], edges[i], edges[i + 1], key)
            for i, (name, _, key) in enumerate(sections)
        ]
        for index, section in enumerate(built):
            if section.end_frame <= section.start_frame:
                raise TimelineError(
                    ("sections", index), f"section {section.name} must last at least one frame"
                )
        tail_frames = 0
        if tail:
            exact_tail = tempo.time_after(end, tail) - tempo.seconds(end)
            tail_frames = round_half_up(exact_tail * rate)
        return cls(rate, tempo, end, frames + tail_frames, built, tail_frames)

    @property
    def end_frame(self) -> int:
        """The frame at which the music ends."""
        return self.frames - self.tail_frames

    def frame(self, quarter: Fraction) -> int:
        """The frame nearest to a position in quarters."""
        return round_half_up(self.tempo.seconds(quarter) * self.rate)

    def frame_at(self, position: Position) -> int:
        """The frame nearest to a position, also in a hold. Raises ValueError for a beat that its bar does not have."""
        return round_half_up(self.tempo.time_of(position) * self.rate)

    def length_frames(self, length: Duration, start: Fraction = Fraction(0)) -> int:
        """The number of frames from `start` (in quarters) to `start + length`, each end rounded by itself."""
        return self.frame_after(start, length) - self.frame(start)

    def first_frames(self, length: Duration) -> int:
        """The number of frames of a length in the tempo and meter that the song begins with, whatever comes after."""
        return round_half_up(self.tempo.length_seconds(length, Fraction(0)) * self.rate)

    def frame_after(self, start: Fraction, length: Duration) -> int:
        """The frame nearest to the end of a length that begins at `start` (in quarters)."""
        return round_half_up(self.tempo.time_after(start, length) * self.rate)

    def frame_of(self, position: Position) -> int:
        """The frame nearest to a position. Raises ValueError for a beat that its bar does not have."""
        return round_half_up(self.tempo.time_of(position) * self.rate)

    @property
    def sections_or_all(self) -> tuple[Section, ...]:
        """The sections; for a song without sections, one unnamed section that spans it."""
        return self.sections or (Section("", Fraction(0), self.end, 0, self.end_frame),)

    def sections_named(self, names: Sequence[str]) -> list[Section]:
        """The sections with these names, in the song's order. Raises ValueError for an unknown name."""
        known = {s.name for s in self.sections}
        if missing := [n for n in names if n not in known]:
            have = ", ".join(dict.fromkeys(s.name for s in self.sections)) or "none"
            raise ValueError(f"no section named {missing[0]}; the song has {have}")
        return [s for s in self.sections if s.name in names]

    def beats(self) -> Iterator[tuple[int, int, int]]:
        """List the beats before the song's end.

        Yields
        ------
        tuple of (int, int, int)
            Bar (from 1; 0 in a pick-up), beat (from 1), and frame.
        """
        for bar, beat, quarter in self.tempo.meters.beats():
            frame = self.frame(quarter)
            if frame >= self.end_frame:
                return
            yield bar, beat, frame

    @property
    def beat_count(self) -> int:
        """The number of beats before the song's end; not from a list of them, as there may be millions."""
        meters = self.tempo.meters
        return ceil(meters.count(self.end)) - ceil(meters.count(Fraction(0)))

    def spans(self, names: Sequence[str]) -> list[tuple[int, int]]:
        """(start, end) in frames, end exclusive, of the sections with these names; adjacent ones are merged."""
        spans: list[tuple[int, int]] = []
        for section in self.sections_named(names):
            if spans and spans[-1][1] == section.start_frame:
                spans[-1] = (spans[-1][0], section.end_frame)
            else:
                spans.append((section.start_frame, section.end_frame))
        return spans

    def to_dict(self) -> dict:
        """Plain data from which `from_dict` restores the timeline, without keys: no audio depends on them."""
        return {
            "rate": self.rate,
            "frames": self.frames,
            "end": str(self.end),
            **({"tail_frames": self.tail_frames} if self.tail_frames else {}),
            **self.tempo.to_dict(),
            "sections": [
                [s.name, str(s.start), str(s.end), s.start_frame, s.end_frame] for s in self.sections
            ],
        }

    @classmethod
    def from_dict(cls, data: dict) -> Timeline:
        """The timeline that `to_dict` described."""
        tempo = TempoMap.from_dict(data)
        sections = [Section(n, Fraction(s), Fraction(e), a, b) for n, s, e, a, b in data["sections"]]
        tail_frames = data.get("tail_frames", 0)
        return cls(data["rate"], tempo, Fraction(data["end"]), data["frames"], sections, tail_frames)


def document(
    timeline: Timeline,
    key: str | None,
    section_keys: Sequence[str | None],
    chords: Sequence[Sequence[tuple[Fraction, str]]] = (),
) -> dict:
    """The content of `timeline.json`. Fractions are text, since JSON has no exact numbers.

    Parameters
    ----------
    timeline
        The song's timeline.
    key
        The key of the song, or None.
    section_keys
        The key of each section, None where it has none of its own.
    chords
        The chords of each section, each as (start in quarters, symbol); empty for none anywhere.

    Returns
    -------
    dict
        Plain data for JSON.
    """

    def place(quarter: Fraction) -> dict:
        bar, beat = timeline.tempo.bar_beat(quarter)
        return {"bar": bar, "beat": str(beat), "seconds": float(timeline.tempo.seconds(quarter))}

    tempo = timeline.tempo
    pickup = {"pickup": str(tempo.pickup)} if tempo.pickup else {}
    holds = [{"frame": timeline.frame(at), **place(at), "held": _number(held)} for at, held in tempo.holds]
    return {
        "sample_rate": timeline.rate,
        "frames": timeline.frames,
        "seconds": timeline.frames / timeline.rate,
        **({"tail_frames": timeline.tail_frames} if timeline.tail_frames else {}),
        "key": key,
        **pickup,
        "tempo": [_passage(timeline, passage) for passage in tempo.passages()],
        **({"holds": holds} if holds else {}),
        **({} if tempo.is_plain else {"bars": round(float(tempo.count_bars(timeline.end)), 3)}),
        "sections": [
            {
                "name": s.name,
                "start_frame": s.start_frame,
                "end_frame": s.end_frame,
                "start": place(s.start),
                "end": place(s.end),
                "key": section_key or key,
                "chords": [
                    {"symbol": symbol, "frame": timeline.frame(at), **place(at)} for at, symbol in charted
                ],
            }
            for s, section_key, charted in zip(
                timeline.sections, section_keys, chords or [()] * len(timeline.sections), strict=True
            )
        ],
        "beats": [{"bar": bar, "beat": beat, "frame": frame} for bar, beat, frame in timeline.beats()],
    }


def _passage(timeline: Timeline, passage: Passage) -> dict:
    """A passage in the document: tempi are in the unit that the song counts, and a ramp's length in quarters."""
    signature, found = passage.signature, dict[str, Any]()
    found["bar"] = passage.bar
    if passage.beat != 1:
        found["beat"] = str(passage.beat)
    found["frame"] = timeline.frame(passage.start)
    found["bpm"] = _number(passage.bpm / signature.unit_quarters)
    found["meter"] = str(signature)
    if signature.unit:
        found["unit"] = format_note(signature.unit)
    if passage.end is not None and passage.to != passage.bpm:
        to, quarters = passage.to / signature.unit_quarters, passage.end - passage.start
        found["ramp"] = {"to": _number(to), "quarters": str(quarters), "curve": passage.curve}
    return found


def _number(value: Fraction) -> str:
    """A number as an exact fraction; one that is not rational, in the middle of a ramp, with 18 decimals."""
    if value.denominator < 10**27:
        return str(value)
    whole, part = divmod(round_half_up(value * 10**18), 10**18)
    return f"{whole}.{part:018d}"


def _song_end(
    rate: int,
    tempo: TempoMap,
    length: Duration | int | None,
    sections_end: Fraction,
    sections_second: Fraction,
) -> tuple[Fraction, Fraction]:
    """The song's end in quarters and in seconds."""
    if length is None:
        return sections_end, sections_second
    if isinstance(length, int):
        return tempo.quarters(Fraction(length, rate)), Fraction(length, rate)
    return tempo.advance(Fraction(0), length), tempo.time_after(Fraction(0), length)


def _format_end(tempo: TempoMap, rate: int, quarter: Fraction) -> str:
    return f"{float(tempo.seconds(quarter)):.3f} s (to {tempo.describe(quarter)})"
