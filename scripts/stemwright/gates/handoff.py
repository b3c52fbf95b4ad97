"""Hand-off: what a DAW reads of a file has its bar lines and sections where the timeline has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.base.files import read_json
from stemwright.delivery.handoff_names import STAGE
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._handoff import read_back
from stemwright.music.count_in import CountIn, count_in_bars, describe_count_in
from stemwright.music.midi_tempo import HOLD_QUARTERS
from stemwright.music.timeline import parse_beat, parse_bpm
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong


@dataclass(frozen=True)
class Handoff(Gate):
    """Read back, every bar line and every section of a file for a DAW is where the timeline has it.

    Source: our own; a millisecond is not heard, and is what MIDI's whole microseconds need. Remedy: delete the file and
    run again.
    """

    stages = ("handoff",)
    needs = "a song"
    example = "{limit_ms: 2}"

    limit_ms: Annotated[float, Field("How far a bar line or a section may be off.", "ms", ge=0.1, le=20)] = (
        1.0
    )

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`markers`: the texts of the sections; `lead_seconds`: a count-in before them, with its text."""
        markers, bars = song.section_titles, count_in_bars(song.document.delivery.count_in)
        if not artifact.name.startswith(f"{STAGE}/"):
            return {"markers": markers, "lead_seconds": 0.0}
        lead = float(CountIn(song.timeline.tempo, bars).seconds)
        return {"markers": [describe_count_in(bars), *markers], "lead_seconds": lead}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`timeline`: the timeline of the song."""
        return {"timeline": artifact.compared_with}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (path,) = subject.inputs["timeline"]
        timeline = read_json(path)
        rate = timeline["sample_rate"]
        end = (timeline["frames"] - timeline.get("tail_frames", 0)) / rate
        found = read_back(subject.path)
        held = list(held_spans(timeline))
        checks = []
        if found.bar_lines is not None:
            lines = sorted({0.0, *(beat["frame"] / rate for beat in timeline["beats"] if beat["beat"] == 1)})
            read = list(islice(found.bar_lines, len(lines) + 1))
            is_counted = len(read) > len(lines) and read[-1] > end - 2 * self.limit_ms / 1000
            checks.append(self._check(subject, "bars", lines, read[:-1], is_counted, held))
        if found.sections is not None:
            lead = subject.context["lead_seconds"]
            starts = [lead + section["start_frame"] / rate for section in timeline["sections"]]
            starts = [0.0, *starts] if lead else starts
            texts = [self._plain(text) for _, text in found.sections]
            is_named = texts == [self._plain(text) for text in subject.context["markers"]]
            checks.append(
                self._check(subject, "sections", starts, [at for at, _ in found.sections], is_named, held)
            )
        return checks

    @staticmethod
    def _plain(text: str) -> str:
        """A text as every format can hold it: REAPER has no backquote beside both other quotes."""
        return text.replace("`", "'")

    def _check(
        self,
        subject: Subject,
        name: str,
        expected: Sequence[float],
        found: Sequence[float],
        is_whole: bool,
        held: Sequence[tuple[float, float]],
    ) -> Check:
        """One check of positions in s, but for those within `held` spans; the worst counts."""
        limit = f"<= {self.limit_ms:g}, all {len(expected)} there"
        remedy = f"delete {subject.path} and run again"
        id = f"handoff.{name}"
        if not is_whole or len(found) != len(expected):
            reason = f"they are not the {len(expected)} of the timeline"
            return Check(id, self.failed(), None, "ms off", limit, reason, remedy)
        off = [
            abs(at - due) * 1000
            for at, due in zip(found, expected, strict=True)
            if not any(start < due < stop for start, stop in held)
        ]
        worst = max(off, default=0.0)
        status = "pass" if worst <= self.limit_ms else self.failed()
        return Check(id, status, round(worst, 4), "ms off", limit, remedy=remedy)


def held_spans(timeline: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """The spans in s in which these files differ from the song: after the start of each hold, the slow step."""
    rate = timeline["sample_rate"]
    for hold in timeline.get("holds", ()):
        passage = [each for each in timeline["tempo"] if each["frame"] <= hold["frame"]][-1]
        tempi = [passage["bpm"], *([passage["ramp"]["to"]] if "ramp" in passage else [])]
        slowest = min(map(parse_bpm, tempi))
        unit = parse_beat(passage["unit"]) if "unit" in passage else 1
        held = float(Fraction(hold["held"]))
        start = hold["frame"] / rate
        yield start + 1 / rate, start + held * (1 + float(HOLD_QUARTERS * 60 / (slowest * unit)))
