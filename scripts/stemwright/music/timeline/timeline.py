"""A song's timeline: its tempo map, its length and its sections, in frames.

Every boundary and every beat is rounded on its own from exact time to the nearest frame (halves
up), so no error adds up, and no boundary depends on what stands before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from stemwright.base.errors import StemwrightError
from stemwright.music.timeline.tempo import TempoChange, TempoMap
from stemwright.music.timeline.values import Duration, parse_time_signature, round_half_up

REMAINDER = "remainder"
"""A section's length that takes what is left of the song, and so says that time on purpose."""


class TimelineError(StemwrightError):
    """Times that do not fit together. `path` is the key they were written under."""

    def __init__(self, path: tuple, message: str):
        super().__init__(message)
        self.path = path


@dataclass(frozen=True)
class Section:
    """A named stretch of the song, from `start` to `end` in quarters, in frames end-exclusive."""

    name: str
    start: Fraction
    end: Fraction
    start_frame: int
    end_frame: int
    key: str | None = None


class Timeline:
    """Musical time on a grid of frames.

    `frames` is the length of every audio file of the song; `end` the same in quarters.
    """

    def __init__(self, rate: int, tempo: TempoMap, end: Fraction, frames: int, sections: Sequence[Section]):
        self.rate = rate
        self.tempo = tempo
        self.end = end
        self.frames = frames
        self.sections = tuple(sections)

    @classmethod
    def build(
        cls,
        rate: int,
        tempo: TempoMap,
        length: Duration | int | None,
        sections: Sequence[tuple[str, Duration | str, str | None]],
    ) -> Timeline:
        """Lay out sections, given as (name, length or "remainder", key), over a length.

        `length` is a duration, a number of frames (the reference's), or None for the sum of the
        sections. Raises TimelineError where sections and length do not fit or leave the grid.
        """
        starts, at = [], Fraction(0)
        for index, (name, span, _) in enumerate(sections):
            starts.append(at)
            if span == REMAINDER:
                if index < len(sections) - 1:
                    raise TimelineError(("sections", index), "only the last section can take the remainder")
                if length is None:
                    raise TimelineError(
                        ("sections", index), "a remainder needs a length of the song (key length)"
                    )
                continue
            at = tempo.advance(at, span)
            if span.seconds:
                _check_on_beat(tempo, at, ("sections", index), name)
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
                f"{float(gap / rate):.3f} s are in no section. Add a section of length: remainder, or mend the length",
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
        return cls(rate, tempo, end, frames, built)

    def frame(self, quarter: Fraction) -> int:
        """The frame nearest to a position in quarters: the one place where time is rounded."""
        return round_half_up(self.tempo.seconds(quarter) * self.rate)

    def length_frames(self, length: Duration, start: Fraction = Fraction(0)) -> int:
        """Frames from `start` (quarters) to `start` + `length`, both ends rounded absolutely."""
        return self.frame(self.tempo.advance(start, length)) - self.frame(start)

    @property
    def sections_or_all(self) -> tuple[Section, ...]:
        """Its sections; of a song without any, one without a name that is all of it."""
        return self.sections or (Section("", Fraction(0), self.end, 0, self.frames),)

    def sections_named(self, names: Sequence[str]) -> list[Section]:
        """The sections of these names, in the song's order. Raises ValueError for a name it has not."""
        known = {s.name for s in self.sections}
        if missing := [n for n in names if n not in known]:
            have = ", ".join(dict.fromkeys(s.name for s in self.sections)) or "none"
            raise ValueError(f"no section named {missing[0]}; the song has {have}")
        return [s for s in self.sections if s.name in names]

    def beats(self) -> Iterator[tuple[int, int, int]]:
        """(bar, beat, frame) of every beat before the song's end; bars and beats from 1."""
        changes = [*self.tempo.changes, None]
        for change, following in pairwise(changes):
            bar, step = change.bar, change.time_signature.beat_quarters
            line = self.tempo.bar_line(bar)
            while following is None or bar < following.bar:
                for beat in range(change.time_signature.numerator):
                    frame = self.frame(line + beat * step)
                    if frame >= self.frames:
                        return
                    yield bar, beat + 1, frame
                bar, line = bar + 1, line + change.time_signature.bar_quarters

    def spans(self, names: Sequence[str]) -> list[tuple[int, int]]:
        """(start, end) in frames of the sections of these names; neighbours are one."""
        spans: list[tuple[int, int]] = []
        for section in self.sections_named(names):
            if spans and spans[-1][1] == section.start_frame:
                spans[-1] = (spans[-1][0], section.end_frame)
            else:
                spans.append((section.start_frame, section.end_frame))
        return spans

    def to_dict(self) -> dict:
        """Plain data from which `from_dict` makes this timeline again. Keys are left out: no audio hangs on them."""
        return {
            "rate": self.rate,
            "frames": self.frames,
            "end": str(self.end),
            "tempo": [[c.bar, str(c.bpm), str(c.time_signature)] for c in self.tempo.changes],
            "sections": [
                [s.name, str(s.start), str(s.end), s.start_frame, s.end_frame] for s in self.sections
            ],
        }

    @classmethod
    def from_dict(cls, facts: dict) -> Timeline:
        tempo = TempoMap(
            [
                TempoChange(bar, Fraction(bpm), parse_time_signature(meter))
                for bar, bpm, meter in facts["tempo"]
            ]
        )
        sections = [Section(n, Fraction(s), Fraction(e), a, b) for n, s, e, a, b in facts["sections"]]
        return cls(facts["rate"], tempo, Fraction(facts["end"]), facts["frames"], sections)


def document(
    timeline: Timeline,
    key: str | None,
    section_keys: Sequence[str | None],
    chords: Sequence[Sequence[tuple[Fraction, str]]] = (),
) -> dict:
    """What `timeline.json` holds. Fractions are text, since JSON has no exact numbers.

    `key` is the song's, `section_keys` those of its sections where they have their own; `chords` are those of
    each section, as (start in quarters, symbol).
    """

    def place(quarter: Fraction) -> dict:
        bar, beat = timeline.tempo.bar_beat(quarter)
        return {"bar": bar, "beat": str(beat), "seconds": float(timeline.tempo.seconds(quarter))}

    tempo = timeline.tempo
    return {
        "sample_rate": timeline.rate,
        "frames": timeline.frames,
        "seconds": timeline.frames / timeline.rate,
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


def _song_end(rate: int, tempo: TempoMap, length: Duration | int | None, sections_end: Fraction):
    if length is None:
        return sections_end, round_half_up(tempo.seconds(sections_end) * rate)
    if isinstance(length, int):
        return tempo.quarters(Fraction(length, rate)), length
    end = tempo.advance(Fraction(0), length)
    return end, round_half_up(tempo.seconds(end) * rate)


def _check_on_beat(tempo: TempoMap, at: Fraction, path: tuple, name: str) -> None:
    _, beat = tempo.bar_beat(at)
    if beat.denominator == 1:
        return
    bar = tempo.nearest_bar(at)
    here, line = tempo.seconds(at), tempo.seconds(tempo.bar_line(bar))
    raise TimelineError(
        path,
        f"section {name} would end at {float(here):.3f} s, off the grid: the nearest bar line is that of bar {bar} at "
        f"{float(line):.3f} s, {float(abs(here - line)):.3f} s {'earlier' if line < here else 'later'}. "
        "Give its length in bars or beats",
    )


def _format_end(tempo: TempoMap, rate: int, quarter: Fraction) -> str:
    bar, beat = tempo.bar_beat(quarter)
    return f"{float(tempo.seconds(quarter)):.3f} s (to bar {bar} beat {float(beat):.4g})"
