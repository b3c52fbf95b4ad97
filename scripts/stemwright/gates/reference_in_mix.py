"""Reference in mix: the recording that a song is made to lies where it belongs, from its head to its tail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.audio import AudioFile
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.measure.alignment import SEARCH_S, lag, level_db
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong
    from stemwright.song.model import Stem

_WINDOW_S, _SHORTEST_S = 8.0, 1.0
_SURELY = 1.5  # unrelated music gives 1.0 to 1.4, a reference 20 dB under the rest 2 or more
_BURIED_DB, _SILENCE_DBFS = -15.0, -80.0
_PLAYS_DB = 20.0  # under its loudest stretch: what is quieter is an introduction, which the rest would cover


@dataclass(frozen=True)
class ReferenceInMix(Gate):
    """The reference is in the mix, at its own time, at head and tail: what is played to it is then in time too.

    For songs with a stem of source `reference`. It is found by cross-correlation in the first and the last eight
    seconds in which it plays: within 20 dB of where it is loudest. From about 10 ms on, two attacks are heard as two.

    Source: psychoacoustics, as above. Remedy: look at the reference stem's effects; it may be another recording.
    """

    example = "{lag_ms: 5}"

    stages = ("mix", "master")

    lag_ms: Annotated[float, Field("How early or late it may lie.", "ms", gt=0, le=1_000)] = 10.0
    drift_ms: Annotated[
        float, Field("How much more so at its tail than at its head.", "ms", gt=0, le=1_000)
    ] = 10.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Where a stem plays the reference."""
        return super().applies(song, artifact) and bool(_players(song))

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`reference`: where, and at which gain, the loudest stem that plays it does so."""
        player = max(_players(song), key=lambda stem: stem.gain_db)
        spans = song.timeline.spans(player.sections) if player.sections else [(0, song.timeline.frames)]
        return {"reference": {"spans": spans, "gain_db": player.gain_db}}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`reference`: the conformed reference."""
        return {"reference": artifact.upstream("reference")}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        reference = subject.context.get("reference")
        if reference is None:
            return [self._skip("reference_in_mix", "the song has no stem that is its reference")]
        (path,) = subject.inputs["reference"]
        with AudioFile(path, lenient=True) as file:
            spans = [(start, min(end, file.frames)) for start, end in reference["spans"]]
            windows = list(_windows(spans, file.rate))
        levels = [level_db(path, *window) for window in windows]
        least = max([_SILENCE_DBFS, *(level - _PLAYS_DB for level in levels if math.isfinite(level))])
        playing = [w for w, level in zip(windows, levels, strict=True) if not level <= least]
        if not playing:
            why = (
                "the reference is silent" if windows else f"under {_SHORTEST_S:g} s of reference in the song"
            )
            return [self._skip("reference_in_mix", why)]
        head, tail = playing[0], playing[-1]
        found = [lag(subject.path, path, *w) for w in dict.fromkeys((head, tail))]
        if any(math.isnan(surely) for _, surely in found):
            why = "cannot be measured: a sample of it or of the reference is not finite"
            return [Check("reference_in_mix", self.failed(), None, "ms", "", why, "see finite")]
        if min(surely for _, surely in found) < _SURELY:
            under = [
                level_db(path, *w) + reference["gain_db"] - level_db(subject.path, *w) for w in (head, tail)
            ]
            return [self._not_found(min(under))]
        lags = [1000 * seconds for seconds, _ in found]
        worst = max(lags, key=abs)
        remedy = "a stem's processing has moved it, or it is another recording: look at the reference stem's effects"
        return [
            self._check("reference_in_mix.lag", worst, self.lag_ms, remedy),
            self._check("reference_in_mix.drift", lags[-1] - lags[0], self.drift_ms, remedy)
            if len(lags) > 1
            else self._skip("reference_in_mix.drift", "too little of the reference for a head and a tail"),
        ]

    def _check(self, name: str, measured: float, limit: float, remedy: str) -> Check:
        status = "pass" if abs(measured) <= limit else self.failed()
        return Check(name, status, round(measured, 1), "ms", f"<= ±{limit:g}", remedy=remedy)

    def _not_found(self, under_db: float) -> Check:
        if under_db < _BURIED_DB:
            return self._skip(
                "reference_in_mix", f"too deep in the mix to be found: at {under_db:.0f} dB of it"
            )
        return Check(
            "reference_in_mix",
            self.failed(),
            "not found",
            "",
            f"within {SEARCH_S:g} s",
            remedy="it is missing, over a second off, buried or changed beyond knowing: listen to the reference stem",
        )

    def _skip(self, name: str, reason: str) -> Check:
        return Check(name, "skip", reason=reason)


def _players(song: LoadedSong) -> list[Stem]:
    """The stems that play the reference."""
    return [song.document.stems[stem] for stem in song.stems if song.source(stem).needs_reference]


def _windows(spans: Sequence[Sequence[int]], rate: int) -> Iterator[tuple[int, int]]:
    """(start, frames) of stretches to look at, in order: at least two, where the time is there for two."""
    total = sum(end - start for start, end in spans)
    size = min(round(_WINDOW_S * rate), max(round(_SHORTEST_S * rate), total // 2))
    for start, end in spans:
        if end - start >= _SHORTEST_S * rate:
            for at in range(start, end, size):
                at = max(start, min(at, end - size))
                yield at, min(size, end - at)
