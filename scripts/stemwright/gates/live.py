"""Live: clicks and cues are on their beats to the frame, and a delivered stem follows the silence of a count-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from stemwright.audio import AudioFile
from stemwright.audio.stream import reblock
from stemwright.delivery.handoff_names import CLICK
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.music.count_in import count_in_bars
from stemwright.music.timeline import Timeline, round_half_up
from stemwright.song.handoff import live_files

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_ACCENT = 0.4
"""Between the peaks of a click on a bar line and on another beat."""

_SILENT = 0.2
"""How much of the time to the next beat is silent after a beep, at least."""

_PAUSE_S = 0.0015
"""No beep has a run of zeros as long as this; between two, there is a longer one."""


@dataclass(frozen=True)
class Live(Gate):
    """Each beat has its click, which begins at its frame, those on bar lines louder; each beat of the bar before a
    section has its cue, and no other; a stem is, sample for sample, the silence of a count-in and the delivered file.

    The beats are counted through, from the first of the count-in, and each placed by itself.

    Source: our own; the frame is the one nearest to the exact time. Remedy: delete the file and run again.
    """

    stages = ("live",)
    needs = "a song"

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`track`: the beeps that it has, or "" if it is a stem; `bars` of the count-in; the `timeline`."""
        delivery = song.document.delivery
        what = live_files(song.short_name, delivery, song.deliverables)[artifact.name]
        return {
            "track": "" if artifact.stem else what,
            "bars": count_in_bars(delivery.count_in),
            "timeline": song.timeline.to_dict(),
        }

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`delivered`: the file that a stem is a copy of."""
        return {"delivered": artifact.inputs["audio"]} if artifact.stem else {}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        timeline = Timeline.from_dict(subject.context["timeline"])
        bars, track = subject.context["bars"], subject.context["track"]
        with AudioFile(subject.path) as file:
            beats = _beats(timeline, bars, file.rate)
            if not track:
                return [self._stem(subject, file, beats.lead)]
            heard = _heard(file, beats.frames)
        if track == CLICK:
            due = np.ones(len(beats.frames), bool)
            wrong = int(np.count_nonzero((heard.peaks > _ACCENT) != beats.is_bar_line))
            accents = [self._check(subject, "accents", wrong, int(beats.is_bar_line.sum()))]
        else:
            due, accents = _before_sections(timeline, beats, file.rate), []
        off = int(np.count_nonzero((heard.peaks > 0) != due)) + heard.late
        return [self._check(subject, "beats", off, int(due.sum())), *accents]

    def _stem(self, subject: Subject, file: AudioFile, lead: int) -> Check:
        """How many samples of a stem are not those of silence and of the delivered file."""
        (path,) = subject.inputs["delivered"]
        wrong = sum(int(np.count_nonzero(block)) for block in file.blocks(0, lead))
        with AudioFile(path) as delivered:
            pairs = zip(reblock(file.blocks(lead)), reblock(delivered.blocks()), strict=True)
            wrong += sum(int(np.count_nonzero(own != its)) for own, its in pairs)
            return self._check(subject, "samples", wrong, (lead + delivered.frames) * delivered.channels)

    def _check(self, subject: Subject, name: str, wrong: int, due: int) -> Check:
        return Check(
            f"live.{name}",
            self.failed() if wrong else "pass",
            wrong,
            f"{name} wrong",
            f"= 0, of {due:,}",
            remedy=f"delete {subject.path} and run again",
        )


@dataclass(frozen=True, eq=False)
class _Beats:
    """The frames of the `lead`, and of each beat its frame, its quarter, and whether it is on a bar line."""

    lead: int
    frames: np.ndarray
    is_bar_line: np.ndarray
    in_bar: np.ndarray


def _beats(timeline: Timeline, bars: int, rate: int) -> _Beats:
    """All beats from the first of the count-in on, counted through."""
    tempo = timeline.tempo
    meters, first = tempo.meters, tempo.meters.meters[0].signature
    whole = bars + bool(tempo.pickup) if bars else 0
    quarters = whole * Fraction(4 * first.numerator, first.denominator) - (tempo.pickup if whole else 0)
    pace = 60 / tempo.bpm(Fraction(0))
    lead = round_half_up(quarters * pace * rate)
    end = round_half_up(Fraction(timeline.end_frame * rate, timeline.rate))
    frames, is_bar_line, in_bar = [], [], []
    for number in count(ceil(meters.count(-quarters))):
        at = meters.quarter_of_beat(Fraction(number))
        frame = (
            round_half_up(tempo.seconds(at) * rate) + lead
            if at >= 0
            else round_half_up((quarters + at) * pace * rate)
        )
        if frame >= lead + end:
            break
        frames.append(frame)
        is_bar_line.append(meters.bar_beat(at)[1] == 1)
        in_bar.append(len(meters.at(at).signature.beats))
    return _Beats(lead, np.array(frames), np.array(is_bar_line), np.array(in_bar))


def _before_sections(timeline: Timeline, beats: _Beats, rate: int) -> np.ndarray:
    """Which beats are those of the bar before a section, as far as they are in the section before it."""
    due, first = np.zeros(len(beats.frames), bool), 0
    for section in timeline.sections_or_all:
        start = beats.lead + round_half_up(timeline.tempo.seconds(section.start) * rate)
        last = int(np.searchsorted(beats.frames, start))
        if last > first:
            due[max(first, last - beats.in_bar[last - 1]) : last] = True
        first = last
    return due


@dataclass(frozen=True, eq=False)
class _Heard:
    """The peak of what begins on each beat, 0 for nothing; and how many beats have sound that begins elsewhere."""

    peaks: np.ndarray
    late: int


def _heard(file: AudioFile, frames: np.ndarray) -> _Heard:
    """What sounds on each of these frames."""
    peaks, late = np.zeros(len(frames)), np.zeros(len(frames) + 1, bool)
    gaps = np.diff(frames, append=file.frames)
    at, before = 0, -file.rate
    for block in file.blocks():
        level = np.abs(block).max(axis=1)
        sounding = np.flatnonzero(level)
        beat = np.searchsorted(frames, sounding + at, "right") - 1
        late[-1] |= bool((beat < 0).any())
        sounding, beat = sounding[beat >= 0], beat[beat >= 0]
        after = sounding + at - frames[beat]
        late[beat[after > (1 - _SILENT) * gaps[beat]]] = True
        pauses = np.diff(sounding + at, prepend=before) > _PAUSE_S * file.rate
        late[beat[pauses & (after > 0)]] = True
        before = int(sounding[-1]) + at if len(sounding) else before
        np.maximum.at(peaks, beat, level[sounding])
        at += len(block)
    return _Heard(peaks, int(late.sum()))
