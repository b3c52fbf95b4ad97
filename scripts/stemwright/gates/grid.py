"""Grid: onsets are in time with the bars and beats of the song."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Subject
from stemwright.gates._timing import TimingGate, told, written
from stemwright.measure import Meter
from stemwright.measure.entry import lateness
from stemwright.measure.grid import drift, f_measure
from stemwright.measure.onsets import Onsets
from stemwright.measure.places import Fit, best_grid
from stemwright.music.timeline import Timeline
from stemwright.validation.fields import Field

_MIN_WRITTEN, _MIN_FOUND = 8, 20  # onsets of a source, or of a recording, without which nothing is judged
_ERROR_MS = {True: 1.0, False: 5.0}  # to which an onset is located at best; to which people play in time
_NAMES = {Fraction(1, 4): "a sixteenth", Fraction(1, 2): "an eighth", Fraction(1): "a beat"}
_REMEDY = {
    "stem": "the stem is shifted: check its source; the next run makes it again",
    "reference": "correct bpm, or trim the file so that it begins at bar 1; if played freely, set gates.grid: false",
}


@dataclass(frozen=True)
class Grid(TimingGate):
    """Onsets are where the timeline expects them: within ±50 ms, 10 ms in the median, and without drift.

    A stem whose source knows its onsets (drums) is compared with those, including swing and humanisation, by the
    F-measure at ±50 ms (the window of MIREX). A recording (the reference, or another stem whose `gates` have `grid`)
    is compared with the timeline: the share of its onsets on sixteenths or on triplets, whichever is greater, within
    ±50 ms and a quarter of a step (so that random onsets give one half at any tempo), and the offset and drift of
    those on beats. The median is signed: late is positive. Two attacks more than about 10 ms apart are heard as two.

    Source: the window of MIREX, and psychoacoustics as above. Remedy: move the recording to the grid, or correct bpm,
    meter or sections.
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

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Onsets(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        grid, found = subject.context.get("grid"), meters[0].seconds
        if grid is None:
            return [Check("grid", "skip", reason="there is no timeline to compare it with")]
        if not meters[0].finite:
            return [self.not_finite("grid")]
        timeline, remedy = Timeline.from_dict(grid["timeline"]), _REMEDY[subject.stage]
        if "source" in grid:
            expected, levels = written(grid, timeline)
            if len(expected) < _MIN_WRITTEN:
                return [
                    Check(
                        "grid",
                        "skip",
                        len(expected),
                        "onsets",
                        reason=f"its source has fewer than {_MIN_WRITTEN}",
                    )
                ]
            share, pairs = f_measure(expected, levels, found, self.window_ms / 1000)
            least, name, more = self.f_measure, "grid.f_measure", []
        else:
            if len(found) < _MIN_FOUND:
                why = f"fewer than {_MIN_FOUND} were found"
                return [Check("grid", "skip", len(found), "onsets", reason=why)]
            fit, pairs = self._on_grid(timeline, found)
            share, least, name = fit.share, self.on_grid, "grid.on_grid"
            more = [self._phase(timeline, meters[0], fit)]
            if share >= least and not fit.certain:
                why = f"{len(found)} onsets are too few to tell this from chance"
                few = Check(name, "warn", round(share, 3), "", f">= {least:g}", reason=why, remedy=remedy)
                return [few, *self._timing(pairs, remedy, "source" in grid), *more]
        status = "pass" if share >= least else self.failed()
        first = Check(
            name, status, round(share, 3), "", f">= {least:g} at ±{self.window_ms:g} ms", remedy=remedy
        )
        return [first, *self._timing(pairs, remedy, "source" in grid), *more]

    def _on_grid(self, timeline: Timeline, found: np.ndarray) -> tuple[Fit, np.ndarray]:
        """(the grid that fits best, pairs of place and onset within the window, in seconds).

        The pairs are those of beats, each with the onset nearest to it, or if these are few, of all onsets on the grid.
        """
        quarters, beat_s = _quarters(timeline, found)
        fit = best_grid(quarters % 1, beat_s, self.window_ms / 1000)
        off = (quarters - np.round(quarters)) * beat_s
        order = np.lexsort((np.abs(off), np.round(quarters)))
        first = order[np.unique(np.round(quarters)[order], return_index=True)[1]]
        on_beat = first[np.abs(off[first]) <= np.minimum(self.window_ms / 1000, beat_s[first] / 8)]
        if len(on_beat) >= _MIN_WRITTEN:
            return fit, np.stack((found[on_beat] - off[on_beat], found[on_beat]), axis=1)
        return fit, np.stack((found - fit.offsets, found), axis=1)[fit.near]

    def _timing(self, pairs: np.ndarray, remedy: str, exact: bool) -> list[Check]:
        offset, slope = "grid.offset", "grid.drift"
        limits = f"<= ±{self.offset_ms:g}", f"<= ±{self.drift_ms:g}"
        if len(pairs) < _MIN_WRITTEN:
            why = f"only {len(pairs)} onsets are within ±{self.window_ms:g} ms of their place"
            return [Check(name, "skip", None, "ms", reason=why) for name in (offset, slope)]
        late = 1000 * (pairs[:, 1] - pairs[:, 0])
        median = float(np.median(late))
        status = "pass" if abs(median) <= self.offset_ms else self.failed()
        why, spread = f"the median onset is {told(median)}", np.ptp(np.quantile(late, (0.4, 0.6)))
        if status != "pass" and spread > self.offset_ms:
            status, why = "skip", f"they are at two places: a fifth of them spreads over {spread:.0f} ms"
        checks = [Check(offset, status, round(median, 2), "ms", limits[0], why, remedy)]
        rate, error = drift(pairs[:, 0], late)
        error = max(error, _ERROR_MS[exact] / (np.std(pairs[:, 0] / 60) * math.sqrt(len(pairs))))
        certain = 3.3 + 14 / (len(pairs) - 2)  # Student's t of one in a thousand, nearly
        why = f"onsets get {told(rate)} per minute"
        if abs(rate) > self.drift_ms and abs(rate) > certain * error:
            status = self.failed()
        elif 2 * error <= self.drift_ms and abs(rate) <= self.drift_ms:
            status = "pass"
        else:
            why = f"too few or too scattered onsets: {rate:.1f} ± {2 * error:.1f} ms/min"
            return [*checks, Check(slope, "skip", round(rate, 2), "ms/min", reason=why)]
        return [*checks, Check(slope, status, round(rate, 2), "ms/min", limits[1], why, remedy)]

    def _phase(self, timeline: Timeline, meter: Any, fit: Fit) -> Check:
        """Whether a recording on the grid lies whole steps late."""
        per_beat = 3 if fit.division in (3, 6) else 4
        lines = _bar_lines(timeline)
        starts = [int(line * per_beat) for line in lines]
        untold = "nothing in it tells where its bars begin: it would sound alike if shifted"
        if any(line * per_beat % 1 for line in lines):
            return Check("grid.phase", "skip", reason=untold)
        heads = [lines.index(s.start) for s in timeline.sections if s.start in lines[:-1]]
        steps = np.round(_quarters(timeline, meter.seconds)[0] * per_beat).astype(int)
        evidence = lateness(steps, meter.colours, starts, heads, per_beat)
        if evidence is None:
            return Check("grid.phase", "skip", reason=untold)
        if not evidence.steps:
            return Check("grid.phase", "pass", "in place", limit="in place", reason=evidence.why)
        beats = Fraction(evidence.steps, per_beat)
        late = f"{_NAMES.get(beats, f'{beats} beats')} late"
        remedy = "cut the file so that its first bar begins at time zero, unless it is played so"
        return Check("grid.phase", "warn", late, limit="in place", reason=evidence.why, remedy=remedy)


def _quarters(timeline: Timeline, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(positions in quarters, length of a quarter in s) of times in seconds."""
    tempo = timeline.tempo
    lines = [tempo.bar_line(change.bar) for change in tempo.changes]
    starts = np.array([float(tempo.seconds(line)) for line in lines])
    at = np.maximum(np.searchsorted(starts, seconds, "right") - 1, 0)
    beat_s = np.array([60 / float(change.bpm) for change in tempo.changes])[at]
    return np.array([float(line) for line in lines])[at] + (seconds - starts[at]) / beat_s, beat_s


def _bar_lines(timeline: Timeline) -> list[Fraction]:
    """The start of each bar of the song, and of the one after, in quarters."""
    lines = [Fraction(0)]
    while lines[-1] < timeline.end:
        lines.append(timeline.tempo.bar_line(len(lines) + 1))
    return lines
