"""Grid: onsets are in time with the bars and beats of the song."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Subject, points
from stemwright.gates._timing import TimingGate, format_lateness, written
from stemwright.measure.beats import find_beats
from stemwright.measure.entry import Evidence, lateness
from stemwright.measure.grid import drift, f_measure
from stemwright.measure.onsets import Onsets
from stemwright.measure.places import Fit, best_grid
from stemwright.music.timeline import Timeline
from stemwright.validation.fields import Field

_MIN_WRITTEN, _MIN_FOUND = 8, 20  # onsets of a source, or of a recording, without which nothing is judged
_LOCATED_MS, _PLAYED_MS = 1.0, 5.0  # how exactly an onset is located at best, and how exactly people play
_SURE, _ON_LINE = (
    0.7,
    0.1,
)  # the share of the accents for a bar line; the distance of a stroke on it, in beats
_REMEDY = {
    "stem": "the stem is shifted: check its source; the next run makes it again",
    "reference": "correct bpm, or trim the file so that it begins at bar 1; if played freely, set gates.grid: false",
}


@dataclass(frozen=True)
class Grid(TimingGate):
    """Onsets are where the timeline expects them: within ±50 ms, 10 ms in the median, and without drift.

    A stem whose source knows its onsets (drums) is compared with those, including swing and humanisation, by the
    F-measure at ±50 ms (the window of MIREX). A recording (the reference, or another stem whose `gates` have `grid`)
    is compared with the timeline: the share of its onsets on the division of the beat that fits best: in 4, 3, 8, 6, 5
    or 7 parts, sixteenths or eighths with swing, or all of these at once, each within ±50 ms and so closely that random
    onsets give one half at any tempo; and the offset and drift of those on beats. The median is signed: late is
    positive. Two attacks more than about 10 ms apart are heard as two.

    A recording that is on the grid, but a sixteenth, an eighth or a beat late, is warned about where it shows: where
    it begins with a rest that its repetitions do not have, or a pattern is entered in the middle of itself; where it
    is the son, rumba or bossa clave; where bars are full but for their bar lines; where all strokes, or all loud ones,
    lie beside the beats or triplets; or where the first stroke, up to a beat after bar 1, is on what the registers
    (kick and snare) show to be the bar line. What would sound alike when shifted cannot be told to be late; the reason
    in the sentinel says so.

    Source: the window of MIREX, and psychoacoustics as above; the rest is our own. Remedy: move the recording to
    the grid, or correct bpm, meter or sections.
    """

    example = "{offset_ms: 15}"

    window_ms: Annotated[
        float, Field("The greatest distance of an onset from its place.", "ms", ge=5, le=100)
    ] = 50.0
    f_measure: Annotated[
        float, Field("The least F-measure of the onsets of a source that knows them.", ge=0, le=1)
    ] = 0.8
    on_grid: Annotated[float, Field("The least share of a recording's onsets on the grid.", ge=0, le=1)] = 0.7
    offset_ms: Annotated[
        float, Field("The greatest offset of the median onset, early or late.", "ms", gt=0, le=100)
    ] = 10.0
    drift_ms: Annotated[float, Field("The greatest drift per minute.", "ms", gt=0, le=1_000)] = 5.0

    def judge_onsets(self, subject: Subject, meter: Any) -> list[Check]:
        grid, found = subject.context.get("grid"), meter.seconds
        if grid is None:
            return [Check("grid", "skip", reason="there is no timeline to compare it with")]
        if not meter.finite:
            return [self.not_finite("grid")]
        timeline, remedy = Timeline.from_dict(grid["timeline"]), _REMEDY[subject.stage]
        if "source" in grid:
            return self._judge_known(*written(grid, timeline), found, remedy, timeline.rate)
        return self._judge_recording(timeline, meter, remedy)

    def _judge_known(
        self, expected: np.ndarray, levels: np.ndarray, found: np.ndarray, remedy: str, rate: int
    ) -> list[Check]:
        if len(expected) < _MIN_WRITTEN:
            why = f"its source has fewer than {_MIN_WRITTEN}"
            return [Check("grid", "skip", len(expected), "onsets", reason=why)]
        share, pairs = f_measure(expected, levels, found, self.window_ms / 1000)
        alone = np.union1d(np.setdiff1d(expected, pairs[:, 0]), np.setdiff1d(found, pairs[:, 1]))
        first = self._share("grid.f_measure", share, self.f_measure, remedy)
        first = replace(first, places=points(alone, rate))
        return [first, *self._timing(pairs, remedy, _LOCATED_MS)]

    def _judge_recording(self, timeline: Timeline, meter: Any, remedy: str) -> list[Check]:
        if len(meter.seconds) < _MIN_FOUND:
            why = f"fewer than {_MIN_FOUND} were found"
            return [Check("grid", "skip", len(meter.seconds), "onsets", reason=why)]
        counted, beat_s = _quarters(timeline, meter.seconds)
        fit, pairs = self._on_grid(counted, beat_s, meter.seconds)
        first = self._share("grid.on_grid", fit.share, self.on_grid, remedy)
        if first.status == "pass" and not fit.certain:
            why = f"{len(meter.seconds)} onsets are too few to tell this from chance"
            first = replace(first, status="warn", reason=why, remedy="listen whether it is in time")
        first = replace(first, places=points(meter.seconds[~fit.near], timeline.rate))
        offset, *more = self._timing(pairs, remedy, _PLAYED_MS)
        if offset.status in ("pass", "skip"):
            offset = _with_steps(
                offset, timeline, meter, counted, beat_s, fit.division if fit.division in (3, 6) else 4
            )
        return [first, offset, *more]

    def _share(self, name: str, share: float, least: float, remedy: str) -> Check:
        status = "pass" if share >= least else self.failed()
        return Check(
            name, status, round(share, 3), "", f">= {least:g} at ±{self.window_ms:g} ms", remedy=remedy
        )

    def _on_grid(self, quarters: np.ndarray, beat_s: np.ndarray, found: np.ndarray) -> tuple[Fit, np.ndarray]:
        """(the grid that fits best, pairs of place and onset within the window, in seconds).

        The pairs are those of beats, each with the onset nearest to it, or if these are few, of all onsets on the grid.
        """
        fit = best_grid(quarters % 1, beat_s, self.window_ms / 1000)
        off = (quarters - np.round(quarters)) * beat_s
        order = np.lexsort((np.abs(off), np.round(quarters)))
        first = order[np.unique(np.round(quarters)[order], return_index=True)[1]]
        on_beat = first[np.abs(off[first]) <= np.minimum(self.window_ms / 1000, beat_s[first] / 8)]
        if len(on_beat) >= _MIN_WRITTEN:
            return fit, np.stack((found[on_beat] - off[on_beat], found[on_beat]), axis=1)
        return fit, np.stack((found - fit.offsets, found), axis=1)[fit.near]

    def _timing(self, pairs: np.ndarray, remedy: str, spread_ms: float) -> list[Check]:
        """The checks of offset and drift of onsets that lie within `spread_ms` of their places at best."""
        if len(pairs) < _MIN_WRITTEN:
            why = f"only {len(pairs)} onsets are within ±{self.window_ms:g} ms of their place"
            return [Check(name, "skip", None, "ms", reason=why) for name in ("grid.offset", "grid.drift")]
        late = 1000 * (pairs[:, 1] - pairs[:, 0])
        median, middle = float(np.median(late)), np.quantile(late, (0.4, 0.6))
        status = "pass" if abs(median) <= self.offset_ms else self.failed()
        why = f"the median onset is {format_lateness(median)}"
        if status != "pass" and np.ptp(middle) > self.offset_ms:
            status, why = (
                "skip",
                f"onsets lie at two places: {format_lateness(middle[0])} and {format_lateness(middle[1])}",
            )
        offset = Check("grid.offset", status, round(median, 2), "ms", f"<= ±{self.offset_ms:g}", why, remedy)
        return [offset, self._drift(pairs[:, 0], late, remedy, spread_ms)]

    def _drift(self, seconds: np.ndarray, late: np.ndarray, remedy: str, spread_ms: float) -> Check:
        rate, error = drift(seconds, late)
        of_one_ms = 1 / (float(np.std(seconds / 60)) * math.sqrt(len(seconds)))
        error = max(error, _LOCATED_MS * of_one_ms)
        certain = 3.3 + 14 / (len(seconds) - 2)  # Student's t, two-sided, of one in a thousand, nearly
        why = f"in a minute, onsets come to lie {format_lateness(rate)}"
        if abs(rate) > self.drift_ms and abs(rate) > certain * max(error, spread_ms * of_one_ms):
            status = self.failed()
        elif 2 * error <= self.drift_ms and abs(rate) <= self.drift_ms:
            status = "pass"
        else:
            why = f"too few or too scattered onsets: {rate:.1f} ± {2 * error:.1f} ms/min"
            return Check("grid.drift", "skip", round(rate, 2), "ms/min", reason=why)
        return Check("grid.drift", status, round(rate, 2), "ms/min", f"<= ±{self.drift_ms:g}", why, remedy)


def _with_steps(
    offset: Check, timeline: Timeline, meter: Onsets, counted: np.ndarray, beat_s: np.ndarray, per_beat: int
) -> Check:
    """The check of the offset of a recording on the grid, with what is known of a lateness by whole steps."""
    quarters = _bar_lines(timeline)
    lines = [_counted(timeline, line) for line in quarters]
    evidence = None
    if not any(line * per_beat % 1 for line in lines):
        starts = [int(line * per_beat) for line in lines]
        heads = [quarters.index(s.start) for s in timeline.sections if s.start in quarters[:-1]]
        steps = np.round(counted * per_beat).astype(int)
        evidence = lateness(steps, meter.colours, starts, heads, per_beat)
        if (evidence is None or not evidence.steps) and 0 < steps[0] <= per_beat:
            evidence = _late_entry(timeline, meter, counted[0], int(steps[0])) or evidence
    if evidence is None:
        return replace(offset, reason=f"{offset.reason}; it would sound alike if it lay whole steps late")
    if not evidence.steps:
        return replace(offset, reason=f"{offset.reason}; {evidence.why}")
    beats = Fraction(evidence.steps, per_beat)
    within = offset.measured if isinstance(offset.measured, float) else 0.0
    measured = round(within + 1000 * float(beats) * float(np.median(beat_s)), 2)
    remedy = "let the file begin at bar 1, unless it is played so"
    why = f"up to {_name(beats)} late: {evidence.why}"
    return replace(offset, status="warn", measured=measured, reason=why, remedy=remedy)


def _late_entry(timeline: Timeline, meter: Onsets, first: float, step: int) -> Evidence | None:
    """Whether a recording enters late, on what is heard as its bar line. `first`: its first stroke, in beats."""
    passage, *more = timeline.tempo.passages()
    bpm = float(passage.bpm / passage.signature.unit_quarters)
    found = find_beats(meter.seconds, meter.colours, bpm)
    beats_in_bar = float(passage.signature.bar_quarters / passage.signature.unit_quarters)
    if more or found is None or found.accented < _SURE or found.quarters != beats_in_bar:
        return None
    line = float(_quarters(timeline, np.array([found.downbeat]))[0][0])
    if abs(line - first) > _ON_LINE:
        return None
    return Evidence(step, "it enters on what is heard as its bar line")


def _name(beats: Fraction) -> str:
    names = {Fraction(1, 4): "a sixteenth", Fraction(1, 2): "an eighth", Fraction(1): "a beat"}
    return names.get(beats, f"{float(beats):g} beats")


def _quarters(timeline: Timeline, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(positions from bar 1, length in s) in the notes that the tempo counts, quarters by default, of times in s."""
    tempo = timeline.tempo
    at = [tempo.quarters(Fraction(second)) for second in seconds]
    beat_s = [60 * float(tempo.time_signature(q).unit_quarters / tempo.bpm(q)) for q in at]
    return np.array([float(_counted(timeline, quarter)) for quarter in at]), np.array(beat_s)


def _counted(timeline: Timeline, quarter: Fraction) -> Fraction:
    """A position in quarters as the notes that the tempo counts, from bar 1."""
    meter = timeline.tempo.meters.at(quarter)
    into = (quarter - meter.quarter) / meter.signature.unit_quarters
    return into + meter.quarter - timeline.tempo.pickup


def _bar_lines(timeline: Timeline) -> list[Fraction]:
    """The start of each bar of the song, and of the one after, in quarters."""
    lines = [timeline.tempo.bar_line(1)]
    while lines[-1] < timeline.end:
        lines.append(timeline.tempo.bar_line(len(lines) + 1))
    return lines
