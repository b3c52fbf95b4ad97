"""Timeline: the document of bars, beats and sections agrees with itself and with arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stemwright.errors import StemwrightError
from stemwright.files import read_json
from stemwright.gates._base import Check, Gate, Subject
from stemwright.measure import Meter


@dataclass(frozen=True)
class Timeline(Gate):
    """Sections fill the song without gap or overlap, and no beat is more than half a frame off.

    Beats are reckoned anew, by adding up exact beat lengths from bar to bar, not by the code that placed them.
    """

    kinds = ("timeline",)

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        try:
            document = read_json(subject.path)
            worst, beats = _worst_beat(document)
            gaps = _gaps(document)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise StemwrightError(f"{subject.path}: is not a timeline ({error}); delete it and run again") from None
        frames = document["frames"]
        expected = subject.expect["frames"]
        again = "delete it; the next run makes it again"
        return [
            Check("timeline.frames", "pass" if frames == expected else self.failed(), frames, "frames", f"= {expected:,}", remedy=again),
            Check("timeline.sections", self.failed() if gaps else "pass", len(gaps), "gaps", "= 0", remedy="; ".join(gaps)),
            Check(
                "timeline.beats",
                "pass" if beats and worst <= Fraction(1, 2) else self.failed(),
                float(worst),
                "frames off",
                f"<= 0.5 on each of {beats:,} beats",
                remedy=again,
            ),
        ]


def _worst_beat(document: dict) -> tuple[Fraction, int]:
    changes = {change["bar"]: change for change in document["tempo"]}
    second, worst, previous = Fraction(0), Fraction(0), None
    length = Fraction(0)
    for beat in document["beats"]:
        if previous is not None:
            second += length
        if beat["beat"] == 1 and beat["bar"] in changes:
            change = changes[beat["bar"]]
            denominator = int(change["meter"].split("/")[1])
            length = Fraction(60) / Fraction(change["bpm"]) * Fraction(4, denominator)
        worst = max(worst, abs(second * document["sample_rate"] - beat["frame"]))
        previous = beat
    return worst, len(document["beats"])


def _gaps(document: dict) -> list[str]:
    at, gaps = 0, []
    for section in document["sections"]:
        if section["start_frame"] != at or section["end_frame"] <= at:
            gaps.append(f"section {section['name']} begins at frame {section['start_frame']}, expected {at}")
        at = section["end_frame"]
    if document["sections"] and at != document["frames"]:
        gaps.append(f"the last section ends at frame {at}, the song at {document['frames']}")
    return gaps
