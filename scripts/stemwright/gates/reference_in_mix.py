"""Reference in mix: the reference is in the mix at its own time, at head and tail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.audio import AudioFile
from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._timing import format_lateness
from stemwright.measure.alignment import SEARCH_S, lag, level_db
from stemwright.mixing.faders import read_levels
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_WINDOW_S, _SHORTEST_S = 8.0, 1.0
_MIN_CONFIDENCE = 1.5  # unrelated music gives 1.0 to 1.4, a reference 20 dB below the rest 2 or more
_BURIED_DB, _SILENCE_DBFS = -15.0, -80.0
_PLAYS_DB = (
    20.0  # below its loudest window; a quieter one, as in an introduction, may be masked by other stems
)


@dataclass(frozen=True)
class ReferenceInMix(Gate):
    """The reference is in the mix at its own time, at head and tail, so that stems made to fit it are in time too.

    For songs with a stem of source `reference`. Its lag is found by cross-correlation in the first and the last eight
    seconds in which it plays, that is, is within 20 dB of its loudest window. Two attacks more than about 10 ms apart
    are heard as two.

    Source: psychoacoustics, as above. Remedy: check the effects of the reference stem; it may be another recording.
    """

    example = "{lag_ms: 5}"

    stages = ("mix", "master")
    versions_too = False

    lag_ms: Annotated[float, Field("The greatest lag, early or late.", "ms", gt=0, le=1_000)] = 10.0
    drift_ms: Annotated[
        float, Field("The greatest difference between the lags at head and tail.", "ms", gt=0, le=1_000)
    ] = 10.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Files that contain a stem that plays the reference."""
        return super().applies(song, artifact) and bool(_players(song, artifact))

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`reference`: the spans and the gain of the stem that plays it loudest."""
        levels = {stem: song.routing.fader(stem).gain_db.range[1] for stem in _players(song, artifact)}
        player = max(levels, key=lambda stem: levels[stem])
        level = song.routing.fader(player).level
        sections = song.document.stems[player].sections
        spans = song.timeline.spans(sections) if sections else [(0, song.timeline.end_frame)]
        found = {"level": level} if level else {}
        return {"reference": {"spans": spans, "gain_db": levels[player], **found}}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`reference`: the conformed reference."""
        level = cls.context(song, artifact)["reference"].get("level")
        found = [entry for entry in artifact.upstream("level") if entry.stem == level]
        return {"reference": artifact.upstream("reference"), **({"player_level": found} if found else {})}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        reference = subject.context.get("reference")
        if reference is None:
            return [self._skip("reference_in_mix", "no stem of the song plays its reference")]
        (path,) = subject.inputs["reference"]
        with AudioFile(path, lenient=True) as file:
            spans = [(start, min(end, file.frames)) for start, end in reference["spans"]]
            windows = list(_windows(spans, file.rate))
        levels = [level_db(path, *window) for window in windows]
        threshold = max([_SILENCE_DBFS, *(level - _PLAYS_DB for level in levels if math.isfinite(level))])
        playing = [w for w, level in zip(windows, levels, strict=True) if not level <= threshold]
        if not playing:
            why = "the reference is silent" if windows else f"the reference plays for under {_SHORTEST_S:g} s"
            return [self._skip("reference_in_mix", why)]
        head, tail = playing[0], playing[-1]
        found = [lag(subject.path, path, *w) for w in dict.fromkeys((head, tail))]
        if any(math.isnan(confidence) for _, confidence in found):
            why = "cannot be measured: a sample of the file or of the reference is not finite"
            return [Check("reference_in_mix", self.failed(), None, "ms", "", why, "see finite")]
        if min(confidence for _, confidence in found) < _MIN_CONFIDENCE:
            found_gains = read_levels(subject.inputs.get("player_level", ()))
            gain_db = found_gains.get(reference.get("level"), reference["gain_db"])
            levels_in_mix = [level_db(path, *w) + gain_db - level_db(subject.path, *w) for w in (head, tail)]
            return [self._not_found(min(levels_in_mix))]
        lags = [1000 * seconds for seconds, _ in found]
        worst = max(lags, key=abs)
        remedy = "its effects shift it, or it is another recording: check the effects of the reference stem"
        return [
            self._check(
                "reference_in_mix.lag", worst, self.lag_ms, f"it is {format_lateness(worst)}", remedy
            ),
            self._check(
                "reference_in_mix.drift",
                lags[-1] - lags[0],
                self.drift_ms,
                f"it is {format_lateness(lags[0])} at the head, {format_lateness(lags[-1])} at the tail",
                remedy,
            )
            if len(lags) > 1
            else self._skip("reference_in_mix.drift", "the reference is too short for a head and a tail"),
        ]

    def _check(self, name: str, measured: float, limit: float, reason: str, remedy: str) -> Check:
        status = "pass" if abs(measured) <= limit else self.failed()
        why = "" if status == "pass" else reason
        return Check(name, status, round(measured, 1), "ms", f"<= ±{limit:g}", why, remedy)

    def _not_found(self, under_db: float) -> Check:
        if under_db < _BURIED_DB:
            return self._skip(
                "reference_in_mix", f"too quiet in the mix to be found: {under_db:.0f} dB relative to it"
            )
        return Check(
            "reference_in_mix",
            self.failed(),
            "not found",
            "",
            f"within {SEARCH_S:g} s",
            remedy="it is missing, over a second off, masked or changed too much: listen to the reference stem",
        )

    def _skip(self, name: str, reason: str) -> Check:
        return Check(name, "skip", reason=reason)


def _players(song: LoadedSong, artifact: Artifact) -> list[str]:
    """The stems that play the reference, of those that are in an artifact."""
    stems = [entry.stem for entry in artifact.upstream("stem")]
    return [stem for stem in stems if song.source(stem).needs_reference]


def _windows(spans: Sequence[Sequence[int]], rate: int) -> Iterator[tuple[int, int]]:
    """(start, frames) of the windows to compare, in order: at least two, if the spans are long enough for two."""
    total = sum(end - start for start, end in spans)
    size = min(round(_WINDOW_S * rate), max(round(_SHORTEST_S * rate), total // 2))
    for start, end in spans:
        if end - start >= _SHORTEST_S * rate:
            for at in range(start, end, size):
                at = max(start, min(at, end - size))
                yield at, min(size, end - at)
