"""Key: each section sounds in its written key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.chroma import (
    Chroma,
    best_key,
    key_correlation,
    out_of_key_share,
    same_scale,
    scale_distance,
    why_no_key,
)
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact
    from stemwright.song.loaded import LoadedSong
_NEIGHBOURS = 2  # times the margin, between keys a fifth apart


@dataclass(frozen=True)
class SectionKey(Gate):
    """The chroma of each section of the mix agrees with its written key.

    It agrees if the profile of the key (Albrecht & Shanahan) correlates with the chroma as well as that of the best
    key, within a margin, or within twice the margin if the two scales differ in one note, as those of keys a fifth
    apart; if the best key is its relative key, which has the same notes; or if nearly all notes are in its scale, or as
    many as are in that of the best key. The parallel key (C major for C minor) does not agree: it has
    another third. A section is skipped if it is short, silent or only drums, or has fewer than five different notes (a
    chord is not a key). Keys are ambiguous, so this gate only warns. Of 120 Bach chorales for organ, piano and strings
    the best key is right in 112 (librosa: 98). Of 76 others, and of 114 songs that `bench/recordings.py` makes, the
    gate warns of none, and of keys a tone or a semitone off in 98 % or more.

    Source: Krumhansl, Cognitive Foundations of Musical Pitch (1990); Albrecht & Shanahan, Music Perception 31 (2013);
    `bench/keys.py`. Remedy: correct the key of the section, or what is played in it.
    """

    example = "{margin: 0.3}"

    needs = "a key"
    stages = ("mix",)

    severity: Severity = "warn"
    margin: Annotated[
        float,
        Field(
            "The written key agrees if its correlation is at most this much below that of the best key.",
            ge=0,
            le=2,
        ),
    ] = 0.2
    foreign: Annotated[
        float,
        Field("The written key agrees if the share of notes outside its scale is at most this.", ge=0, le=1),
    ] = 0.1

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Songs with a written key."""
        return super().applies(song, artifact) and any(harmony.key for harmony in song.harmony)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`keys`: (name, start frame, end frame, key after transposition) of each section."""
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
            judged = self._check(key, seconds, meter.chroma[inside], meter.partials[inside])
            check = Check(f"section_key.{name}{number}", *judged)
            checks.append(replace(check, places=[(start, end - start)]))
        return checks or [Check("section_key", "skip", reason="it has no written key")]

    def _check(self, key: str | None, seconds: float, chroma: np.ndarray, partials: np.ndarray) -> tuple:
        """The arguments of a section's check after its id: status, measured, unit, limit, reason, remedy."""
        total = chroma.sum(axis=0)
        why = "it has no written key" if key is None else why_no_key(seconds, chroma, partials)
        if why or key is None:
            return "skip", None, "", key or "", why
        best = best_key(total)
        ours, theirs, out = (
            key_correlation(total, key),
            key_correlation(total, best),
            out_of_key_share(total, key),
        )
        margin = self.margin * (_NEIGHBOURS if scale_distance(best, key) == 1 else 1)
        agrees = theirs - ours <= margin or same_scale(best, key)
        agrees = agrees or out <= max(self.foreign, out_of_key_share(total, best))
        measured = f"{best} (r {theirs:.2f}; {key} {ours:.2f}; {100 * out:.0f} % out of scale)"
        remedy = "correct the key of the section, or find what is played in another key"
        return "pass" if agrees else self.failed(), measured, "", key, "", remedy
