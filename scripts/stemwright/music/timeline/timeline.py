"""A song's timeline: tempo map, length and sections, in frames.

Every boundary and every beat is rounded independently from exact time to the nearest frame (halves up). So rounding
errors do not accumulate, and no boundary depends on the sections before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from math import ceil

from stemwright.base.errors import StemwrightError
from stemwright.music.timeline.tempo import TempoChange, TempoMap
from stemwright.music.timeline.values import Duration, parse_time_signature, round_half_up

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
        starts, at = [], Fraction(0)
        for index, (_, span, _) in enumerate(sections):
            starts.append(at)
            if isinstance(span, str):  # REMAINDER
                if index < len(sections) - 1:
                    raise TimelineError(("sections", index), "only the last section can take the remainder")
                if length is None:
                    raise TimelineError(
                        ("sections", index), "a remainder needs a length of the song (key length)"
                    )
                continue
            at = tempo.advance(at, span)
        end, frames = _song_end(rate, tempo, length, at)
        if frames < 1:
            raise TimelineError(("length",), "the song must be at least one frame long")
        exact_frames = frames if isinstance(length, int) else tempo.seconds(end) * rate
        takes_remainder = bool(sections) and sections[-1][1] == REMAINDER
        gap = exact_frames - tempo.seconds(at) * rate
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
            exact_tail = tempo.seconds(tempo.advance(end, tail)) - tempo.seconds(end)
            tail_frames = round_half_up(exact_tail * rate)
        return cls(rate, tempo, end, frames + tail_frames, built, tail_frames)

    @property
    def end_frame(self) -> int:
        """The frame at which the music ends."""
        return self.frames - self.tail_frames

    def frame(self, quarter: Fraction) -> int:
        """The frame nearest to a position in quarters."""
        return round_half_up(self.tempo.seconds(quarter) * self.rate)

    def length_frames(self, length: Duration, start: Fraction = Fraction(0)) -> int:
        """The number of frames from `start` (in quarters) to `start + length`, each end rounded by itself."""
        return self.frame(self.tempo.advance(start, length)) - self.frame(start)

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
            Bar and beat, both from 1, and frame.
        """
        changes = self.tempo.changes
        for change, following in zip_longest(changes, changes[1:]):
            bar, step = change.bar, change.time_signature.beat_quarters
            line = self.tempo.bar_line(bar)
            while following is None or bar < following.bar:
                for beat in range(change.time_signature.numerator):
                    frame = self.frame(line + beat * step)
                    if frame >= self.end_frame:
                        return
                    yield bar, beat + 1, frame
                bar, line = bar + 1, line + change.time_signature.bar_quarters

    @property
    def beat_count(self) -> int:
        """The number of beats before the song's end; not from a list of them, as there may be millions."""
        changes, total = self.tempo.changes, 0
        for change, following in zip_longest(changes, changes[1:]):
            start = self.tempo.bar_line(change.bar)
            stop = min(self.end, self.tempo.bar_line(following.bar)) if following else self.end
            total += max(0, ceil((stop - start) / change.time_signature.beat_quarters))
        return total

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
            "tempo": [[c.bar, str(c.bpm), str(c.time_signature)] for c in self.tempo.changes],
            "sections": [
                [s.name, str(s.start), str(s.end), s.start_frame, s.end_frame] for s in self.sections
            ],
        }

    @classmethod
    def from_dict(cls, data: dict) -> Timeline:
        """The timeline that `to_dict` described."""
        tempo = TempoMap(
            [
                TempoChange(bar, Fraction(bpm), parse_time_signature(meter))
                for bar, bpm, meter in data["tempo"]
            ]
        )
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
    return {
        "sample_rate": timeline.rate,
        "frames": timeline.frames,
        "seconds": timeline.frames / timeline.rate,
        **({"tail_frames": timeline.tail_frames} if timeline.tail_frames else {}),
        "key": key,
        "tempo": [
            {
                "bar": c.bar,
                "frame": timeline.frame(tempo.bar_line(c.bar)),
                "bpm": str(c.bpm),
                "meter": str(c.time_signature),
            }
            for c in tempo.changes
        ],
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


def _song_end(
    rate: int, tempo: TempoMap, length: Duration | int | None, sections_end: Fraction
) -> tuple[Fraction, int]:
    """The song's end in quarters and in frames."""
    if length is None:
        return sections_end, round_half_up(tempo.seconds(sections_end) * rate)
    if isinstance(length, int):
        return tempo.quarters(Fraction(length, rate)), length
    end = tempo.advance(Fraction(0), length)
    return end, round_half_up(tempo.seconds(end) * rate)


def _format_end(tempo: TempoMap, rate: int, quarter: Fraction) -> str:
    bar, beat = tempo.bar_beat(quarter)
    return f"{float(tempo.seconds(quarter)):.3f} s (to bar {bar} beat {float(beat):.4g})"
