"""Grid: onsets are in time with the bars and beats of the song."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Subject
from stemwright.gates._timing import TimingGate, written
from stemwright.measure import Meter
from stemwright.measure.grid import drift, f_measure, nearest
from stemwright.measure.onsets import Onsets
from stemwright.music.timeline import Timeline
from stemwright.validation.fields import Field

_MIN_WRITTEN, _MIN_FOUND = 8, 20  # onsets of a source, or of a recording, without which nothing is judged
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
            least, name = self.f_measure, "grid.f_measure"
        else:
            if len(found) < _MIN_FOUND:
                why = f"fewer than {_MIN_FOUND} were found"
                return [Check("grid", "skip", len(found), "onsets", reason=why)]
            share, pairs = self._on_grid(timeline, found)
            least, name = self.on_grid, "grid.on_grid"
        status = "pass" if share >= least else self.failed()
        first = Check(
            name, status, round(share, 3), "", f">= {least:g} at ±{self.window_ms:g} ms", remedy=remedy
        )
        return [first, *self._timing(pairs, remedy)]

    def _on_grid(self, timeline: Timeline, found: np.ndarray) -> tuple[float, np.ndarray]:
        """(share of onsets on the grid that fits best, pairs of beat and onset within the window, in seconds)."""
        shares = []
        for steps in (4, 3):
            grid = _steps(timeline, Fraction(1, steps), found[-1])
            at = nearest(grid, found)
            window = np.minimum(self.window_ms / 1000, np.diff(grid, append=2 * grid[-1] - grid[-2])[at] / 4)
            shares.append(np.mean(np.abs(found - grid[at]) <= window))
        beats = np.array([frame for _, _, frame in timeline.beats()]) / timeline.rate
        pairs = np.stack((beats[nearest(beats, found)], found), axis=1)
        return float(max(shares)), pairs[np.abs(pairs[:, 1] - pairs[:, 0]) <= self.window_ms / 1000]

    def _timing(self, pairs: np.ndarray, remedy: str) -> list[Check]:
        offset, slope = "grid.offset", "grid.drift"
        limits = f"<= ±{self.offset_ms:g}", f"<= ±{self.drift_ms:g}"
        if len(pairs) < _MIN_WRITTEN:
            why = f"only {len(pairs)} onsets are within ±{self.window_ms:g} ms of their place"
            return [Check(name, "skip", None, "ms", reason=why) for name in (offset, slope)]
        late = 1000 * (pairs[:, 1] - pairs[:, 0])
        median = float(np.median(late))
        status = "pass" if abs(median) <= self.offset_ms else self.failed()
        checks = [Check(offset, status, round(median, 2), "ms late, median", limits[0], remedy=remedy)]
        rate, error = drift(pairs[:, 0], late)
        if abs(rate) > self.drift_ms and abs(rate) > 3 * error:
            status = self.failed()
        elif 2 * error <= self.drift_ms and abs(rate) <= self.drift_ms:
            status = "pass"
        else:
            why = f"too few or too scattered onsets: {rate:.1f} ± {2 * error:.1f} ms/min"
            return [*checks, Check(slope, "skip", round(rate, 2), "ms/min", reason=why)]
        return [*checks, Check(slope, status, round(rate, 2), "ms/min", limits[1], remedy=remedy)]


def _steps(timeline: Timeline, step: Fraction, until: float) -> np.ndarray:
    """The seconds of every step (in quarters), from the start of the song to the first step after `until` seconds."""
    last = math.ceil(timeline.tempo.quarters(Fraction(until)) / step) + 1
    return np.array([float(timeline.tempo.seconds(n * step)) for n in range(last + 1)])
