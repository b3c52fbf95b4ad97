"""The base of gates of timing: which artifacts they judge, and the timeline that onsets are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure import Meter
from stemwright.measure.beats import find_beats, rank_tempi
from stemwright.measure.onsets import ACCURACY_S, Onsets
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import TempoChange, TempoMap, Timeline, parse_duration
from stemwright.validation import registry

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong

_NEAR, _PROBABLE = 0.02, 0.05  # a tempo this near is taken for the written one; a share of the evidence
_SAME_BPM = Fraction(1, 1000)


@dataclass(frozen=True)
class TimingGate(Gate):
    """Base of a gate of the reference, of stems whose source knows its onsets, and of stems whose `gates` name it."""

    stages = ("reference", "stem")
    needs = "a timeline"

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Onsets(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        """The checks of `judge_onsets`; of a reference, with a remedy that was tried."""
        checks = self.judge_onsets(subject, meters[0])
        if subject.stage != "reference" or all(check.status in ("pass", "skip") for check in checks):
            return checks
        if not meters[0].finite or not (remedy := _tried_remedy(subject, meters[0])):
            return checks
        return [replace(c, remedy=remedy) if c.status in ("warn", "fail") else c for c in checks]

    def judge_onsets(self, subject: Subject, meter: Any) -> list[Check]:
        """Judge the onsets of a file: `meter` is an `Onsets`, or has the same attributes."""
        raise NotImplementedError

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """The reference; of stems, those whose source is rhythmic or whose own `gates` name this gate."""
        if not super().applies(song, artifact) or song.document.bpm is None:
            return False
        if not artifact.stem or song.source(artifact.stem).rhythmic:
            return True
        return cls.__module__.rpartition(".")[2] in song.document.stems[artifact.stem].gates.model_fields_set

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`grid`: the timeline; for a stem whose source knows its onsets, also what they are computed from."""
        timeline = song.timeline.to_dict()
        if not artifact.stem or not song.source(artifact.stem).rhythmic:
            return {"grid": {"timeline": {**timeline, "sections": []}}}
        sections = song.document.stems[artifact.stem].sections or []
        source = song.source(artifact.stem).entry()
        return {"grid": {"timeline": timeline, "source": source, "seed": artifact.stem, "sections": sections}}

    @classmethod
    def modules(cls, song: LoadedSong, artifact: Artifact) -> Sequence[str]:
        """The modules of a source that knows its onsets: the gate computes them again."""
        if not artifact.stem or not song.source(artifact.stem).rhythmic:
            return ()
        source = song.source(artifact.stem)
        return [type(source).__module__, *source.modules()]


def written(grid: dict, timeline: Timeline) -> tuple[np.ndarray, np.ndarray]:
    """Compute the onsets of a stem whose source knows them, in the sections in which the stem is heard.

    Parameters
    ----------
    grid : dict
        The context of the gate: the source, its seed and the sections of the stem.
    timeline : Timeline
        The timeline of the song.

    Returns
    -------
    seconds : np.ndarray
        Their times in s, ascending, shape (n,).
    levels : np.ndarray
        Their levels in dB, shape (n,).
    """
    from stemwright import sources  # only stems with known onsets need it

    context = RenderContext(timeline.rate, 1, timeline.frames, grid["seed"], timeline)
    onsets = np.array(sorted(sources.make(grid["source"]).onsets(context))).reshape(-1, 2)
    if grid["sections"]:
        spans = timeline.spans(grid["sections"])
        onsets = onsets[[any(a <= frame < b for a, b in spans) for frame in onsets[:, 0]]]
    return onsets[:, 0] / timeline.rate, onsets[:, 1]


def _tried_remedy(subject: Subject, meter: Any) -> str:
    """What to change so that a reference passes the gates of onsets, tried on its onsets; "" if it has no tempo.

    Tried are the folds of its tempo, the most probable first, each with the first bar line that is found at it. A fold
    near the written tempo comes before those if it is not improbable.
    """
    timeline = Timeline.from_dict(subject.context["grid"]["timeline"])
    passage, *more = timeline.tempo.passages()
    if more or passage.to != passage.bpm or passage.holds or timeline.tempo.pickup:
        return ""
    unit, bar_quarters = passage.signature.unit_quarters, passage.signature.bar_quarters
    written_bpm = passage.bpm / unit
    folds = rank_tempi(meter.seconds, meter.strengths, meter.colours)
    folds.sort(key=lambda f: f.share < _PROBABLE or abs(f.bpm / float(written_bpm) - 1) > _NEAR)
    judges = [registry.load("stemwright.gates", name)() for name in ("tempo", "grid")]
    accepted = ""
    for fold in folds:
        beats = find_beats(meter.seconds, meter.colours, fold.bpm)
        if beats is None or not beats.is_steady:
            continue
        bpm = Fraction(round(1000 * beats.bpm), 1000)
        bar_s = float(bar_quarters / unit * 60 / bpm)
        later = beats.downbeat - (bar_s if beats.has_pickup else 0.0)
        later = max(later, later % bar_s - bar_s)
        later = 0.0 if abs(later) < ACCURACY_S else later
        tempo = TempoMap([TempoChange(1, bpm * unit, passage.signature)])
        after = SimpleNamespace(
            seconds=meter.seconds - later, strengths=meter.strengths, colours=meter.colours, finite=True
        )
        bars = int(after.seconds[-1] / bar_s) + 2
        grid = Timeline.build(timeline.rate, tempo, parse_duration(f"{bars} bars"), []).to_dict()
        trial = replace(subject, context={"grid": {"timeline": grid}})
        statuses = {check.status for gate in judges for check in gate.judge_onsets(trial, after)}
        if "fail" not in statuses and (not accepted or "warn" not in statuses):
            accepted = _in_words(bpm, written_bpm, later)
            if "warn" not in statuses:
                return accepted
    if accepted or not folds:
        return accepted
    return "no constant bpm and start make it pass: set gates.tempo and gates.grid to false, or warp a stem of it"


def _in_words(bpm: Fraction, written_bpm: Fraction, later: float) -> str:
    """The remedy that sets another tempo, and lets the reference begin so many seconds later in its file."""
    remedies = [] if abs(bpm - written_bpm) < _SAME_BPM else [f"set bpm: {float(bpm):g}"]
    if later > 0:
        remedies.append(f"let the reference begin {later:.4f} s later in its file (reference: start)")
    elif later < 0:
        remedies.append(f"put {-later:.4f} s of silence before the reference (reference: at)")
    return " and ".join(remedies)


def format_lateness(ms: float) -> str:
    """A time in ms as a person says it: `11.0 ms late`, or `11.0 ms early` if it is negative."""
    return f"{abs(ms):.1f} ms {'early' if ms < 0 else 'late'}"
