"""Album loudness: how loud an album is, its loudest track, and how far its tracks are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.audio.disc import DiscTrack
from stemwright.gates._base import Check, Gate, GateContext, Severity, Status, Subject
from stemwright.gates._loudness import SEE_GATES, round_level
from stemwright.measure import Meter
from stemwright.measure.loudness import Loudness
from stemwright.measure.track_loudness import TrackLoudness
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact


@dataclass(frozen=True)
class AlbumLoudness(Gate):
    """The loudest track of an album has the loudness of the album's `target`, and no track is far below it.

    Players that normalise an album turn all its tracks by one gain, which brings the loudest to their level, so that
    the others keep their distance: this is the rule of AES TD1008 and AES77 (loudest track -14 LUFS, where a single
    track has -16), and what TIDAL does since Grimm's study of 4.2 million albums (2017); it was measured of Spotify. So
    the tracks are not changed: each is as its own song masters it, and `target` is what they are judged by. A preset's
    severity decides whether a miss refuses. All is measured on the disc; the album as one programme of all tracks.

    Source: AES TD1008.1.21-9, AES77-2023; ITU-R BS.1770-5. The spread is ours. Remedy: another `master.target` in the
    songs that are named.
    """

    example = "{max_spread_lu: 6}"
    stages = ("disc",)
    needs = "an album"

    max_spread_lu: Annotated[
        float, Field("The greatest distance from the loudest track to the quietest.", "LU", gt=0, le=40)
    ] = 8.0
    severity: Annotated[Severity, Field("What a spread that is too great does.")] = "warn"

    @classmethod
    def context(cls, song: Any, artifact: Artifact) -> GateContext:
        """`album`: the name of each song, its first frame and the one after its last; `target`, if there is one."""
        spans = [
            (track.song.name, placed.start, placed.end)
            for track, placed in zip(song.tracks, song.disc, strict=True)
        ]
        return {"album": spans, **({"target": song.target} if song.target else {})}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        tracks = tuple(DiscTrack(start, end, 0, None) for _, start, end in subject.context["album"])
        return Loudness(), TrackLoudness(tracks)

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        whole, each = meters
        levels = [round_level(meter.integrated) for meter in each.found]
        names = [name for name, _, _ in subject.context["album"]]
        found = [(level, name) for level, name in zip(levels, names, strict=True) if level is not None]
        album = round_level(whole.integrated)
        checks = [Check("album_loudness.album", "pass", album, "LUFS", reason="all tracks as one programme")]
        if not found:
            why = f"cannot be measured: {whole.fault}"
            return [Check("album_loudness", "fail", None, "LUFS", reason=why, remedy=SEE_GATES)]
        (quietest, quiet), (loudest, loud) = min(found), max(found)
        checks.append(_loudest(subject.context.get("target", {}), loudest, loud))
        spread = round(loudest - quietest, 2)
        checks.append(
            Check(
                "album_loudness.spread",
                "pass" if spread <= self.max_spread_lu else self.failed(),
                spread,
                "LU",
                f"<= {self.max_spread_lu:g}",
                reason=f"from {quiet} ({quietest:g} LUFS) to {loud} ({loudest:g} LUFS)",
                remedy=f"raise the master.target of {quiet}, or lower that of {loud}",
            )
        )
        return checks


def _loudest(target: dict, loudest: float, name: str) -> Check:
    """The check of the loudest track."""
    if not target:
        return Check("album_loudness.loudest", "skip", loudest, "LUFS", reason=f"{name}; no target is set")
    wanted = target.get("album_lufs", target["integrated_lufs"])
    below, above = target["below_lu"], target["above_lu"]
    if "album_lufs" in target:
        below = above = min(below, above)
    holds = wanted - below <= loudest <= wanted + above
    missed: Status = "warn" if target["severity"] == "warn" else "fail"
    by = f"{abs(loudest - wanted):.1f} dB"
    turned = f"players turn the album {'down' if loudest > wanted else 'up'} by {by}"
    change = f"{'lower' if loudest > wanted else 'raise'} the master.target of all its songs by {by}"
    preset = f" ({target['name']})" if target["name"] else ""
    limit = f"{wanted:g} ±{above:g}" if below == above else f"{wanted:g} -{below:g} +{above:g}"
    return Check(
        "album_loudness.loudest",
        "pass" if holds else missed,
        loudest,
        "LUFS",
        limit + preset,
        reason=f"of {name}",
        remedy=f"{turned}; to meet it, {change}" if missed == "warn" else change,
    )
