"""Edges: how a song begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from stemwright.base.decibels import amplitude, decibels
from stemwright.gates._base import Check, Gate, Severity, Subject
from stemwright.measure import Meter
from stemwright.measure.edges import Edges as EdgesMeter
from stemwright.measure.levels import Finite
from stemwright.validation.fields import Field

_STEP_DB, _FADED_DB = -20.0, -12.0


@dataclass(frozen=True)
class Edges(Gate):
    """A mix or master does not begin or end in long silence, nor in mid-sound.

    Silence is what lies under the floor. A sound may begin at once, on the first beat, but it begins from rest:
    it is cut if its very first sample is over the floor and within 20 dB of the peak of its first 10 ms. A
    sound does not end at once: it is cut if its last ms is over the floor and within 12 dB of the peak of its
    last 10 ms (a fade of 5 ms, the shortest that does not click, brings it 14 dB down or more). The limits of
    silence are those of common delivery specifications, which ask for a head of at most half a second.

    Source: delivery specifications; the cuts are our own. Remedy: let the stems begin earlier or the song end earlier,
    fade what is cut, or raise the limit if the silence is meant.
    """

    example = "{max_head_s: 2.5}"

    stages = ("mix", "master")

    severity: Severity = "warn"
    floor_dbfs: Annotated[
        float, Field("The peak level under which it is silent.", "dBFS", ge=-120, le=0)
    ] = -60.0
    max_head_s: Annotated[float, Field("Silence at the head.", "s", ge=0, le=600)] = 0.5
    max_tail_s: Annotated[float, Field("Silence at the tail.", "s", ge=0, le=600)] = 10.0

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (EdgesMeter(amplitude(self.floor_dbfs)), Finite())

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        meter, finite = meters
        if finite.bad:
            return [self.not_finite("edges")]
        if meter.head is None or meter.tail is None:
            return [Check("edges", "skip", reason=f"nothing in it is above {self.floor_dbfs:g} dBFS")]
        return [
            self._silence("edges.head", meter.head, self.max_head_s, "let its stems begin earlier"),
            self._silence("edges.tail", meter.tail, self.max_tail_s, "make the song end earlier"),
            self._cut("edges.begins", meter.first, meter.near_head, _STEP_DB, "first sample"),
            self._cut("edges.ends", meter.last, meter.near_tail, _FADED_DB, "last ms"),
        ]

    def _silence(self, name: str, found: float, limit: float, what: str) -> Check:
        remedy = f"{what}, or, if the silence is meant, raise {name.replace('.', '.max_')}_s"
        status = "pass" if found <= limit else self.failed()
        return Check(name, status, round(found, 4), "s of silence", f"<= {limit:g}", remedy=remedy)

    def _cut(self, name: str, edge: float, near: float, limit: float, part: str) -> Check:
        cut = decibels(edge) > self.floor_dbfs and decibels(edge) > decibels(near) + limit
        return Check(
            name,
            self.failed() if cut else "pass",
            round(decibels(edge), 1) if edge else "-inf",
            "dBFS peak",
            f"{part} <= {self.floor_dbfs:g}, or {-limit:g} dB under the 10 ms beside it",
            "its sound is cut there" if cut else "",
            "fade it (effect fade), give the song a bar more for it to ring out, or get the whole of what was cut",
        )
