"""Edges: the song neither begins nor ends in long silence or in the middle of a sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from stemwright.audio import AudioFile
from stemwright.base.decibels import amplitude, decibels
from stemwright.gates._base import Check, Gate, GateContext, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.edges import Edges as EdgesMeter
from stemwright.measure.levels import Finite
from stemwright.validation.fields import Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_END_S = 0.1  # what is read of a stem that may be cut
_STEP_DB, _FADED_DB = -20.0, -12.0


@dataclass(frozen=True)
class Edges(Gate):
    """A mix or master does not begin or end in long silence or in the middle of a sound.

    Silence is a peak level under the floor. Sound may begin with the first beat, but from zero: its beginning is cut
    if the first sample is over the floor and within 20 dB of the peak of the first 10 ms. Its end is cut if the peak
    of the last ms is over the floor and within 12 dB of the peak of the last 10 ms (a fade of 5 ms, the shortest that
    does not click, is 14 dB down or more there). The limits of silence are those of common delivery specifications,
    which allow half a second at the head. If the end of a mix is cut, the stems and buses in it are named whose own end
    is, with their level in the last ms, before their faders.

    Source: delivery specifications; the limits of cuts are our own. Remedy: let the stems begin earlier or the song end
    earlier, fade the sound that is cut, or raise the limit if the silence is intended.
    """

    example = "{max_head_s: 2.5}"

    stages = ("mix", "master")

    severity: Severity = "warn"
    floor_dbfs: Annotated[float, Field("A peak level under this is silence.", "dBFS", ge=-120, le=0)] = -60.0
    max_head_s: Annotated[float, Field("The longest silence at the head.", "s", ge=0, le=600)] = 0.5
    max_tail_s: Annotated[float, Field("The longest silence at the tail.", "s", ge=0, le=600)] = 10.0

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Mix and master, but those of a loop: it begins where it ends, see the gate `seam`."""
        return super().applies(song, artifact) and not (song.cut and song.cut.is_loop)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """`sounds`: the names of the stems and buses in a mix."""
        return {"sounds": list(_sounds(artifact))} if artifact.judged_as == "mix" else {}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`sounds`: their files, before their faders."""
        return {"sounds": list(_sounds(artifact).values())} if artifact.judged_as == "mix" else {}

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (EdgesMeter(amplitude(self.floor_dbfs)), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if finite.bad:
            return [self.not_finite("edges")]
        if meter.head is None or meter.tail is None:
            return [Check("edges", "skip", reason=f"no sample is above {self.floor_dbfs:g} dBFS")]
        ends = self._cut("edges.ends", meter.last, meter.near_tail, _FADED_DB, "last ms")
        if ends.reason:
            ends = replace(ends, reason=f"{ends.reason}{self._cut_sounds(subject)}")
        head, tail = (round(seconds * meter.rate) for seconds in (meter.head, meter.tail))
        places = [(0, head), (meter.frames - tail, tail), (0, 1), (meter.frames - 1, 1)]
        checks = [
            self._silence("edges.head", meter.head, self.max_head_s, "let its stems begin earlier"),
            self._silence("edges.tail", meter.tail, self.max_tail_s, "make the song end earlier"),
            self._cut("edges.begins", meter.first, meter.near_head, _STEP_DB, "first sample"),
            ends,
        ]
        return [replace(check, places=[place]) for check, place in zip(checks, places, strict=True)]

    def _silence(self, name: str, found: float, limit: float, remedy: str) -> Check:
        remedy += f", or raise {name.replace('.', '.max_')}_s if the silence is intended"
        status = "pass" if found <= limit else self.failed()
        return Check(name, status, round(found, 4), "s of silence", f"<= {limit:g}", remedy=remedy)

    def _is_cut(self, edge: float, near: float, limit: float) -> bool:
        return decibels(edge) > self.floor_dbfs and decibels(edge) > decibels(near) + limit

    def _cut_sounds(self, subject: Subject) -> str:
        """The stems and buses whose end is cut, the loudest first, with their levels."""
        cut = []
        names, paths = subject.context.get("sounds", ()), subject.inputs.get("sounds", ())
        for name, path in zip(names, paths, strict=True):
            meter = EdgesMeter(amplitude(self.floor_dbfs))
            with AudioFile(path) as file:
                meter.start(file.rate, file.channels)
                for block in file.blocks(max(0, file.frames - round(_END_S * file.rate))):
                    meter.feed(block)
            if self._is_cut(meter.last, meter.near_tail, _FADED_DB):
                cut.append((decibels(meter.last), name))
        return "".join(
            f"{', ' if index else ': '}{name} ({level:.1f} dBFS)"
            for index, (level, name) in enumerate(sorted(cut, reverse=True))
        )

    def _cut(self, name: str, edge: float, near: float, limit: float, part: str) -> Check:
        cut = self._is_cut(edge, near, limit)
        tail = "let the song decay in a tail (tail: 4 s), " if name == "edges.ends" else ""
        return Check(
            name,
            self.failed() if cut else "pass",
            round(decibels(edge), 1) if edge else "-inf",
            "dBFS peak",
            f"{part} <= {self.floor_dbfs:g}, or {-limit:g} dB under the 10 ms beside it",
            "the sound is cut there" if cut else "",
            f"fade it (effect fade), {tail}or get the complete recording",
        )


def _sounds(artifact: Artifact) -> dict[str, Artifact]:
    """The stems and buses that are added up to a mix or a bus, by name, those in its buses too."""
    found: dict[str, Artifact] = {}
    for part in artifact.made_of("parts"):
        found[part.name] = part
        for origin in part.made_of("audio"):
            found |= _sounds(origin)
    return found
