"""Key: each section sounds in the key that is written for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.chroma import Chroma, best_key, key_correlation, out_of_key_share, same_scale
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong

_LEAST_S, _LEAST_PARTIALS, _LEAST_NOTES, _NOTE = 4.0, 1.0, 5, 0.1


@dataclass(frozen=True)
class SectionKey(Gate):
    """The chroma of each section of the mix agrees with its written key.

    It agrees if the key's profile (Krumhansl & Kessler) correlates with the chroma as well as the best key's, but
    for a margin; if the best key is its relative, which has the same notes; or if nearly all notes are in its
    scale. The parallel key (C major for C minor) does not: its third is another. A section that is short, silent, only
    drums, or has under five different notes (a chord is no key) is skipped. Keys are heard, not proven: this warns.

    Source: Krumhansl, Cognitive Foundations of Musical Pitch (1990). Remedy: mend the section's key, or what is
    played in it.
    """

    example = "{margin: 0.3}"

    needs = "a key"
    stages = ("mix",)

    severity: Severity = "warn"
    margin: Annotated[
        float, Field("How much less the written key may correlate than the best one.", ge=0, le=2)
    ] = 0.2
    foreign: Annotated[
        float, Field("Share of notes out of the scale, up to which it agrees in any case.", ge=0, le=1)
    ] = 0.1

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Where a key is written."""
        return super().applies(song, artifact) and any(harmony.key for harmony in song.harmony)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`keys`: (name, first frame, frame after its last, key as it sounds) of each section."""
        spans = zip(song.timeline.sections_or_all, song.harmony, strict=True)
        keys = [(s.name or "song", s.start_frame, s.end_frame, harmony.key) for s, harmony in spans]
        return {"keys": keys}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (Chroma(),)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        (meter,) = meters
        if not meter.finite:
            return [self.not_finite("section_key")]
        sections = subject.context.get("keys", ())
        names = [name for name, *_ in sections]
        checks = []
        for index, (name, start, end, key) in enumerate(sections):
            number = f"_{names[: index + 1].count(name)}" if names.count(name) > 1 else ""
            inside = (meter.seconds * meter.rate >= start) & (meter.seconds * meter.rate < end)
            seconds = (end - start) / meter.rate
            check = self._check(key, seconds, meter.chroma[inside], meter.partials[inside])
            checks.append(Check(f"section_key.{name}{number}", *check))
        return checks or [Check("section_key", "skip", reason="no key is written for it")]

    def _check(self, key: str | None, seconds: float, chroma: np.ndarray, partials: np.ndarray) -> tuple:
        """The rest of a section's check: status, measured, unit, limit, reason, remedy."""
        total = chroma.sum(axis=0)
        why = None
        if key is None:
            why = "no key is written for it"
        elif seconds < _LEAST_S or not len(chroma):
            why = f"too short for a key: under {_LEAST_S:g} s"
        elif partials.mean() < _LEAST_PARTIALS:
            why = "nothing in it has a pitch: it is silent, or drums"
        elif (total >= _NOTE * total.max()).sum() < _LEAST_NOTES:
            why = f"fewer than {_LEAST_NOTES} different notes: a chord, not a key"
        if why:
            return "skip", None, "", key or "", why
        best = best_key(total)
        ours, theirs, out = (
            key_correlation(total, key),
            key_correlation(total, best),
            out_of_key_share(total, key),
        )
        agrees = theirs - ours <= self.margin or same_scale(best, key) or out <= self.foreign
        measured = f"{best} (r {theirs:.2f}; {key} {ours:.2f}; {100 * out:.0f} % out of scale)"
        remedy = "mend the section's key, or listen for what is played in another"
        return "pass" if agrees else self.failed(), measured, "", key, "", remedy
