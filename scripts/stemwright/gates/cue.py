"""Cue: the cue sheet says what was planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stemwright.delivery.cue_sheet import plain, read_cue, sheet_from_dict
from stemwright.gates._base import Check, Gate, GateContext, Subject

if TYPE_CHECKING:
    from stemwright.graph import Artifact


@dataclass(frozen=True)
class Cue(Gate):
    """The cue sheet, read again, has the texts, the codes and the times of every track, in order and within the disc.

    Source: CDRWIN User's Guide, appendix A. Remedy: delete the file; the next run makes it again.
    """

    stages = ("cue",)
    needs = "an album"

    @classmethod
    def context(cls, song: Any, artifact: Artifact) -> GateContext:
        """`cue`: the sheet."""
        return {"cue": asdict(song.cue)}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        planned = sheet_from_dict(subject.context["cue"])
        planned = replace(
            planned,
            title=plain(planned.title),
            performer=plain(planned.performer),
            tracks=tuple(
                replace(track, title=plain(track.title), performer=plain(track.performer))
                for track in planned.tracks
            ),
        )
        try:
            found = read_cue(Path(subject.path).read_text(encoding="utf-8"))
            fault = "" if found == planned else _difference(asdict(found), asdict(planned))
        except ValueError as error:
            fault = str(error)
        limit = f"{len(planned.tracks)} tracks as planned"
        remedy = "another program wrote this file: delete it; the next run makes it again"
        status = self.failed() if fault else "pass"
        return [Check("cue", status, fault or limit, limit=f"= {limit}", remedy=remedy)]


def _difference(found: dict, planned: dict) -> str:
    """The first difference of two sheets in words."""
    pairs = [("the disc", found, planned)]
    pairs += [
        (f"track {number}", *both)
        for number, both in enumerate(zip(found["tracks"], planned["tracks"], strict=False), 1)
    ]
    for where, has, expected in pairs:
        for key, value in expected.items():
            if key != "tracks" and has[key] != value:
                return f"{where} has {key} {has[key]!r}, expected {value!r}"
    return f"it has {len(found['tracks'])} tracks, expected {len(planned['tracks'])}"
