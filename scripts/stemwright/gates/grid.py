"""Grid: what is played is in time with the song's bars and beats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Subject
from stemwright.gates._timing import TimingGate
from stemwright.measure import Meter
from stemwright.measure.grid import drift, f_measure, nearest
from stemwright.measure.onsets import Onsets
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Timeline
from stemwright.validation.fields import Field

_LEAST, _LEAST_FOUND = 8, 20  # onsets, of those written or of a recording, below which nothing is said
_REMEDY = {
    "stem": "something has moved the stem: look at its source; the next run makes it again",
    "reference": "mend bpm, or trim the file so that it begins on bar 1; if it is played freely, set gates.grid: false",
}


@dataclass(frozen=True)
class Grid(TimingGate):
    """Sounds begin where the timeline has them: within ±50 ms, 10 ms in the median, and without drift.

    A stem that writes its onsets (drums) is held against these, with the swing and the humanising that they
    have: F-measure at ±50 ms (the window of MIREX). A recording (the reference; another stem whose `gates` have
    `grid`) is held against the timeline: the share of its onsets on sixteenths or on triplets, whichever it keeps
    better, within ±50 ms and a quarter of a step (so chance gives a half, whatever the tempo), and the offset
    and drift of those on a beat. The median is signed: late is positive. From about 10 ms on, two attacks are heard
    as two.

    Source: MIREX's window, and psychoacoustics as above. Remedy: move the recording to the grid, or mend bpm,
    meter or sections.
    """

    example = "{offset_ms: 15}"

    window_ms: Annotated[
        float, Field("How far from its place an onset may be found.", "ms", ge=5, le=100)
    ] = 50.0
    f_measure: Annotated[float, Field("The least F-measure of onsets against those written.", ge=0, le=1)] = (
        0.8
    )
    on_grid: Annotated[float, Field("The least share of a recording's onsets on the grid.", ge=0, le=1)] = 0.7
    offset_ms: Annotated[float, Field("How early or late the median onset may be.", "ms", gt=0, le=100)] = (
        10.0
    )
    drift_ms: Annotated[float, Field("How much later it may get in a minute.", "ms", gt=0, le=1_000)] = 5.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Onsets(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        grid, found = subject.context.get("grid"), meters[0].seconds
        if grid is None:
            return [Check("grid", "skip", reason="it has no timeline to be held against")]
        if not meters[0].finite:
            return [self.not_finite("grid")]
        timeline, remedy = Timeline.from_dict(grid["timeline"]), _REMEDY[subject.stage]
        if "source" in grid:
            written, levels = _written(grid, timeline)
            if len(written) < _LEAST:
                return [
                    Check("grid", "skip", len(written), "onsets", reason=f"fewer than {_LEAST} are written")
                ]
            share, pairs = f_measure(written, levels, found, self.window_ms / 1000)
            least, name = self.f_measure, "grid.f_measure"
        else:
            if len(found) < _LEAST_FOUND:
                why = f"fewer than {_LEAST_FOUND} were found"
                return [Check("grid", "skip", len(found), "onsets", reason=why)]
            share, pairs = self._on_grid(timeline, found)
            least, name = self.on_grid, "grid.on_grid"
        status = "pass" if share >= least else self.failed()
        first = Check(
            name, status, round(share, 3), "", f">= {least:g} at ±{self.window_ms:g} ms", remedy=remedy
        )
        return [first, *self._timing(pairs, remedy)]

    def _on_grid(self, timeline: Timeline, found: np.ndarray) -> tuple[float, np.ndarray]:
        """(share of onsets on the steps that fit best, pairs of beat and onset within the window)."""
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
        if len(pairs) < _LEAST:
            why = f"only {len(pairs)} onsets lie within ±{self.window_ms:g} ms of their place"
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
            why = f"too short or too loose to tell: {rate:.1f} ± {2 * error:.1f} ms/min"
            return [*checks, Check(slope, "skip", round(rate, 2), "ms/min", reason=why)]
        return [*checks, Check(slope, status, round(rate, 2), "ms/min", limits[1], remedy=remedy)]


def _written(grid: dict, timeline: Timeline) -> tuple[np.ndarray, np.ndarray]:
    """(seconds, levels in dB) of the onsets that a stem's source writes, in the sections it sounds in."""
    from stemwright import sources  # for drum stems alone

    context = RenderContext(timeline.rate, 1, timeline.frames, grid["seed"], timeline)
    onsets = np.array(sorted(sources.make(grid["source"]).onsets(context))).reshape(-1, 2)
    if grid["sections"]:
        spans = timeline.spans(grid["sections"])
        onsets = onsets[[any(a <= frame < b for a, b in spans) for frame in onsets[:, 0]]]
    return onsets[:, 0] / timeline.rate, onsets[:, 1]


def _steps(timeline: Timeline, step: Fraction, until: float) -> np.ndarray:
    """Seconds of every step (in quarters) from the song's start to just behind `until` seconds."""
    last = math.ceil(timeline.tempo.quarters(Fraction(until)) / step) + 1
    return np.array([float(timeline.tempo.seconds(n * step)) for n in range(last + 1)])
