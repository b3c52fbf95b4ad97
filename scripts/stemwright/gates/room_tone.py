"""Room tone: a file begins and ends with as much of it as its target asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.gates._base import Check, Subject
from stemwright.gates._loudness import LoudnessGate
from stemwright.measure import Meter, room_tone


@dataclass(frozen=True)
class RoomTone(LoudnessGate):
    """The file begins and ends with room tone for as long as `master.target` asks, before and after all speech.

    It is checked only if the target has such limits (acx: 0.5 to 1 s before, 1 to 5 s after). Speech is what is 12 dB
    over the quietest 0.1 s of the file, and over -60 dBFS.

    Source: ACX audio submission requirements. Remedy: begin the song later or earlier than the first word, and set its
    length or `tail`.
    """

    stages = ("master", "delivered")

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return (room_tone.RoomTone(),) if "min_head_s" in subject.context.get("target", {}) else ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        if not meters:
            return []
        target, (meter,) = subject.context["target"], meters
        remedies = {
            "head": "move what is heard first later or earlier in the song (`at` of its source), or cut the recording",
            "tail": "set the length of the song, or its `tail`",
        }
        checks = []
        for name, found in (("head", meter.head), ("tail", meter.tail)):
            low, high = target[f"min_{name}_s"], target[f"max_{name}_s"]
            limit = f"{low:g} to {high:g} ({target['name']})"
            if found is None:
                why = "cannot be measured: nothing stands out from the quietest 0.1 s as speech does"
                checks.append(
                    Check(
                        f"room_tone.{name}", self.missed_target(target), None, "s", limit, why, remedies[name]
                    )
                )
                continue
            holds = low - room_tone.RESOLUTION_S <= found <= high + room_tone.RESOLUTION_S
            status = "pass" if holds else self.missed_target(target)
            checks.append(
                Check(f"room_tone.{name}", status, round(found, 2), "s", limit, remedy=remedies[name])
            )
        return checks
