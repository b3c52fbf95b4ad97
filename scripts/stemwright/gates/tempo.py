"""Tempo: what is played has the tempo of the song."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Subject
from stemwright.gates._timing import TimingGate, written
from stemwright.measure.beats import rank_tempi
from stemwright.measure.grid import stretch
from stemwright.measure.tempo import MIN_ONSETS, MIN_SECONDS, Pulse, fit, repetition, tempo
from stemwright.music.timeline import TempoMap, Timeline
from stemwright.music.timeline.tempo import Passage
from stemwright.validation.fields import Field

_FOLDS = {"1": 1.0, "1/2": 1 / 2, "2": 2.0, "2/3": 2 / 3, "3/2": 3 / 2, "1/3": 1 / 3, "3": 3.0}
_RATIOS = {"3/4": 3 / 4, "4/3": 4 / 3, "2/3": 2 / 3, "3/2": 3 / 2, "4/5": 4 / 5, "5/4": 5 / 4}
_WINDOW_S = 0.05  # of a match with an onset that is known, as in MIREX
_SAME, _IMPROBABLE, _PROBABLE = 0.01, 0.005, 0.5  # shares of the evidence
_WEAK = 0.6  # an agreement this much below another explains less
_REPEATS, _REPEATS_BETTER = 0.7, 0.3  # the share of onsets that sound again after a bar
_FAVOURED = 0.25  # the agreement with beats that shows that they are more than one of three places
_BARE, _FASTEST_BEAT = 0.9, 200.0  # quicker strokes are heard as parts of a beat


@dataclass(frozen=True)
class _Span:
    """A span of constant tempo: its onsets, of the file and of its source (if that knows them).

    Of a ramp, the onsets are as they would be at its mean tempo: as far apart as they are on the timeline.
    """

    bpm: float
    bar_s: float
    is_ramp: bool
    seconds: np.ndarray
    strengths: np.ndarray
    colours: np.ndarray
    expected: np.ndarray | None


@dataclass(frozen=True)
class Tempo(TimingGate):
    """A pulse at the tempo of the timeline, to within 1 %, explains the onsets.

    A stem whose source knows its onsets (drums) is compared with those: the tempo is that at which they fit best. In
    a recording, a pulse is fitted at the song's own tempo. It is refused if the onsets keep no such pulse, but one at
    another tempo. It is warned about if a pulse at 3/4, 4/3, 2/3, 3/2, 4/5 or 5/4 of it explains them more simply and
    its bars repeat better, if one of these is by far more probable, or if all that is heard is a bare pulse (alike
    strokes, equally spaced) at a fold of the tempo, since that may be a mistake in `bpm`. What the sound alone
    would be read as is told, without a verdict: people and programs hear the same music at half, two thirds or
    twice its tempo. If the tempo changes, each span of constant tempo is measured by itself. In a ramp, onsets are
    compared with the ramp, as its mean tempo; people do not follow one so closely, so that a recording is warned
    about, not refused. After a hundred beats, 1 % is a whole beat.

    Source: our own; the agreement of phases is the resultant length of circular statistics (Mardia & Jupp, "Directional
    statistics", 2000); 1 % as above. Remedy: correct `bpm`, or make the recording again at this tempo.
    """

    example = "{error_percent: 2}"

    error_percent: Annotated[float, Field("The greatest deviation of the tempo.", "%", gt=0, le=10)] = 1.0

    def judge_onsets(self, subject: Subject, meter: Any) -> list[Check]:
        grid = subject.context.get("grid")
        if grid is None:
            return [Check("tempo", "skip", reason="there is no timeline to compare it with")]
        if not meter.finite:
            return [self.not_finite("tempo", "BPM")]
        timeline = Timeline.from_dict(grid["timeline"])
        expected = written(grid, timeline)[0] if "source" in grid else None
        passages = list(timeline.tempo.passages())
        starts = [float(timeline.tempo.seconds(passage.start)) for passage in passages]
        frames = [*(timeline.frame(passage.start) for passage in passages), timeline.frames]
        checks = []
        for passage, start, end in zip(passages, starts, [*starts[1:], math.inf], strict=True):
            inside = (meter.seconds >= start) & (meter.seconds < end)
            known = None if expected is None else expected[(expected >= start) & (expected < end)]
            seconds = _evened(timeline.tempo, passage, meter.seconds[inside])
            known = None if known is None else _evened(timeline.tempo, passage, known)
            bpm = float(passage.mean / passage.signature.unit_quarters)
            bar_s = 60 / bpm * float(passage.signature.bar_quarters / passage.signature.unit_quarters)
            onsets = (seconds, meter.strengths[inside], meter.colours[inside])
            name = "tempo" if len(passages) == 1 else f"tempo.bar_{passage.bar}"
            if passage.beat != 1:
                name += f"_beat_{float(passage.beat):g}"
            is_ramp = passage.to != passage.bpm
            check = self._check(name, _Span(bpm, bar_s, is_ramp, *onsets, known))
            if is_ramp and known is None and check.status == "fail":
                check = replace(check, status="warn")
            checks.append(check)
        spans = [(first, end - first) for first, end in pairwise(frames)]
        return [replace(check, places=[span]) for check, span in zip(checks, spans, strict=True)]

    def _check(self, name: str, span: _Span) -> Check:
        limit = f"= {span.bpm:.6g} ±{self.error_percent:g} %" + (", the mean" if span.is_ramp else "")
        few = len(span.seconds) < MIN_ONSETS or np.ptp(span.seconds) < MIN_SECONDS
        if few:
            why = (
                f"{len(span.seconds)} onsets: fewer than {MIN_ONSETS}, or within less than {MIN_SECONDS:g} s"
            )
            return _unmeasured(name, limit, why)
        if span.expected is not None:
            if not len(span.expected):
                return _unmeasured(name, limit, "its source plays nothing here: see grid")
            factor = stretch(span.expected, span.seconds, _WINDOW_S)
            if not math.isnan(factor):
                return self._compare(name, limit, span.bpm, span.bpm / factor)
            # These are not the onsets of its source, as grid says too. They are judged as those of a recording.
        blind, own = tempo(span.seconds, span.strengths), fit(span.seconds, span.bpm)
        if blind is None and own is None:
            return _unmeasured(name, limit, "its onsets have no steady pulse")
        heard = fit(span.seconds, blind) if blind is not None else None
        alike = repetition(span.seconds, span.colours, float(np.median(np.diff(span.seconds))))
        if alike >= _BARE and heard is not None:
            return self._check_bare(name, limit, span, heard.bpm)
        if own is None or (heard is not None and own.strength < _WEAK * heard.strength):
            return self._compare(name, limit, span.bpm, heard.bpm if heard else math.nan)
        if simpler := _simpler(span, own) or _more_probable(span, own):
            ratio, bpm = simpler
            remedy = f"a pulse at {ratio} of bpm explains it more simply: correct bpm unless it is played so"
            return Check(
                name, "warn", f"{own.bpm:.2f} ({ratio} of it: {bpm:.2f})", "BPM", limit, remedy=remedy
            )
        told = (
            "" if heard is None or abs(heard.bpm / own.bpm - 1) < 0.01 else f" (sound alone: {heard.bpm:.2f})"
        )
        return self._compare(name, limit, span.bpm, own.bpm, told)

    def _check_bare(self, name: str, limit: str, span: _Span, heard: float) -> Check:
        """A bare pulse: all that is known is its rate. It may be the beat, or too quick to be one."""
        rate = 60 / float(np.median(np.diff(span.seconds)))
        for parts in (1, 2, 3, 4, 6, 8):
            off = abs(rate / parts / span.bpm - 1)
            if 100 * off <= self.error_percent and (parts == 1 or rate > _FASTEST_BEAT):
                own = fit(span.seconds, span.bpm)
                return self._compare(name, limit, span.bpm, own.bpm if own else rate / parts)
        fold, factor = min(_FOLDS.items(), key=lambda item: abs(heard / item[1] / span.bpm - 1))
        if factor == 1 or 100 * abs(heard / factor / span.bpm - 1) > self.error_percent:
            return self._compare(name, limit, span.bpm, heard / factor)
        measured = f"{heard / factor:.2f} (raw {heard:.2f}, {fold} of it)"
        remedy = f"the measured pulse is {fold} of bpm: correct bpm unless it is played so"
        return Check(name, "warn", measured, "BPM", limit, remedy=remedy)

    def _compare(self, name: str, limit: str, bpm: float, found: float, told: str = "") -> Check:
        off = 100 * abs(found / bpm - 1)
        status = "pass" if off <= self.error_percent else self.failed()
        remedy = f"it is {off:.1f} % off: correct bpm, or make it again at the tempo of the song"
        return Check(name, status, f"{found:.2f}{told}", "BPM", limit, remedy=remedy)


def _evened(tempo: TempoMap, passage: Passage, seconds: np.ndarray) -> np.ndarray:
    """Times from the start of a passage, as they would be at its mean tempo; what is held in it takes no time."""
    if passage.to == passage.bpm and not passage.holds:
        return seconds - float(tempo.seconds(passage.start))
    quarters = [float(tempo.quarters(Fraction(second)) - passage.start) for second in seconds]
    return np.array(quarters) * 60 / float(passage.mean)


def _simpler(span: _Span, own: Pulse) -> tuple[str, float] | None:
    """(ratio, BPM) of a pulse that explains the onsets more simply than that of the song, if there is one."""
    beats, beat_s = span.bar_s * span.bpm / 60, 60 / own.bpm

    def repeats(bar_s: float) -> np.ndarray:
        return np.array([repetition(span.seconds, span.colours, n * bar_s) for n in (1, 2)])

    repeats_own = repeats(beats * beat_s)
    for name, ratio in _RATIOS.items():
        other = fit(span.seconds, ratio * own.bpm)
        if other is None or other.strength < own.strength * _WEAK or not other.simpler_than(own):
            continue
        found = repeats(beats * 60 / other.bpm)
        better = found - repeats_own
        off_beat = own.agreement[0] < _FAVOURED and other.division <= 2 and better.min() >= 0
        if found.max() >= _REPEATS and (better[found >= _REPEATS].max() >= _REPEATS_BETTER or off_beat):
            return name, other.bpm
    return None


def _more_probable(span: _Span, own: Pulse) -> tuple[str, float] | None:
    """(ratio, BPM) of the most probable tempo, if that of the song is a fold of it and next to impossible."""
    folds = rank_tempi(span.seconds, span.strengths, span.colours)
    shares = [fold.share for fold in folds if abs(fold.bpm / own.bpm - 1) < _SAME]
    if not shares or max(shares) > _IMPROBABLE or folds[0].share < _PROBABLE:
        return None
    for ratio, factor in _RATIOS.items():
        if abs(folds[0].bpm / own.bpm / factor - 1) < _SAME:
            return ratio, folds[0].bpm
    return None


def _unmeasured(name: str, limit: str, why: str) -> Check:
    return Check(name, "skip", None, "BPM", limit, f"cannot be measured: {why}")
