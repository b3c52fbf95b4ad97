"""Tempo: what is played has the tempo of the song."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._timing import TimingGate
from stemwright.measure import Meter
from stemwright.measure.onsets import Onsets
from stemwright.measure.tempo import MIN_ONSETS, MIN_SECONDS, tempo
from stemwright.music.timeline import Timeline
from stemwright.validation.fields import Field

_FOLDS = {"1": 1.0, "1/2": 1 / 2, "2": 2.0, "2/3": 2 / 3, "3/2": 3 / 2, "1/3": 1 / 3, "3": 3.0}


@dataclass(frozen=True)
class Tempo(TimingGate):
    """The tempo of the onsets is that of the timeline within 1 %, or a half, double, third or two thirds of it.

    It is estimated from the sound alone, then folded, since people and programs hear the same music at half, two
    thirds or twice its tempo. A fold other than 1 warns, since it may also be a mistake in `bpm`. If the tempo changes,
    each span of constant tempo is measured by itself. After a hundred beats, 1 % is a whole beat.

    Source: MIREX and mir_eval fold tempi in the same way; 1 % as above. Remedy: correct `bpm`, or make the recording
    again at this tempo.
    """

    example = "{error_percent: 2}"

    error_percent: Annotated[
        float, Field("The greatest deviation of the folded tempo.", "%", gt=0, le=10)
    ] = 1.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Onsets(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,), grid = meters, subject.context.get("grid")
        if grid is None:
            return [Check("tempo", "skip", reason="there is no timeline to compare it with")]
        if not meter.finite:
            return [self.not_finite("tempo", "BPM")]
        timeline = Timeline.from_dict(grid["timeline"])
        changes = timeline.tempo.changes
        starts = [float(timeline.tempo.seconds(timeline.tempo.bar_line(c.bar))) for c in changes]
        checks = []
        for change, start, end in zip(changes, starts, [*starts[1:], float("inf")], strict=True):
            inside = (meter.seconds >= start) & (meter.seconds < end)
            found = tempo(meter.seconds[inside], meter.strengths[inside])
            name = "tempo" if len(changes) == 1 else f"tempo.bar_{change.bar}"
            checks.append(self._check(name, found, float(change.bpm), int(inside.sum())))
        return checks

    def _check(self, name: str, found: float | None, bpm: float, onsets: int) -> Check:
        limit = f"= {bpm:.6g} ±{self.error_percent:g} %"
        if found is None:
            few = f"{onsets} onsets: fewer than {MIN_ONSETS}, or within less than {MIN_SECONDS:g} s"
            why = "its onsets have no steady pulse" if onsets >= MIN_ONSETS else few
            return Check(name, "skip", None, "BPM", limit, f"cannot be measured: {why}")
        fold, factor = min(_FOLDS.items(), key=lambda item: abs(found / item[1] / bpm - 1))
        folded = found / factor
        off = 100 * abs(folded / bpm - 1)
        measured = f"{found:.2f}" if factor == 1 else f"{folded:.2f} (raw {found:.2f}, {fold} of it)"
        if off > self.error_percent:
            remedy = f"it is {off:.1f} % off: correct bpm, or make it again at the tempo of the song"
            return Check(name, self.failed(), measured, "BPM", limit, remedy=remedy)
        remedy = f"the measured pulse is {fold} of bpm: correct bpm unless it is played so"
        return Check(name, "pass" if factor == 1 else "warn", measured, "BPM", limit, remedy=remedy)
