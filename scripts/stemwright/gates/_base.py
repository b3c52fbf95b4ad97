"""What every gate is, what it is given, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from stemwright.measure import Meter
from stemwright.validation.fields import Configurable, Field

AUDIO_STAGES = ("reference", "stem", "processed", "mix", "master", "delivered")
STAGES = ("timeline", *AUDIO_STAGES, "archive")

Severity = Annotated[
    Literal["error", "warn"], Field("Whether failing it refuses the file, or is only reported.")
]
"""The type of a gate's `severity`: one that only warns by default declares it again."""

Status = Literal["pass", "warn", "skip", "fail"]


@dataclass(frozen=True)
class Subject:
    """A file to be judged, and what it should be.

    `expect` holds `sample_rate`, `channels` and `subtype` of audio, and `frames` where they are known.
    `facts` holds what single gates need besides, under the gate's name: plain data from the plan.
    A file that is judged `alone` has no song: gates that need facts of one are skipped.
    """

    path: str
    kind: str
    expect: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    alone: bool = False


@dataclass(frozen=True)
class Check:
    """One judged measurement. `limit` is text as a person would say it; `remedy` what to do if it fails."""

    id: str
    status: Status
    measured: float | int | str | None = None
    unit: str = ""
    limit: str = ""
    reason: str = ""
    remedy: str = ""

    def record(self) -> dict:
        """As it stands in a sentinel or in the ledger."""
        record = {
            "id": self.id,
            "measured": self.measured,
            "unit": self.unit,
            "limit": self.limit,
            "status": self.status,
        }
        if self.reason:
            record["reason"] = self.reason
        if self.status in ("warn", "fail") and self.remedy:
            record["remedy"] = self.remedy
        return record


@dataclass(frozen=True)
class Gate(Configurable):
    """Base of a gate: a frozen dataclass of its limits.

    `kinds` are the artifacts it applies to; `stems_too`: whether among delivered files it applies to stems, not to
    the master alone. `needs` is what of a song it cannot judge without: a file without a song is not judged.
    """

    kinds: ClassVar[tuple[str, ...]] = ()
    stems_too: ClassVar[bool] = True
    needs: ClassVar[str] = ""

    severity: Severity = "error"

    def meters(self, subject: Subject) -> Sequence[Meter]:
        """The meters whose results `judge` wants, in that order; none if it reads the file itself."""
        return ()

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        """One check or more. `meters` are those asked for, fed with the whole file."""
        raise NotImplementedError

    def failed(self) -> Status:
        """The status of a check that did not hold, by this gate's severity."""
        return "warn" if self.severity == "warn" else "fail"

    def not_finite(self, name: str, unit: str = "", limit: str = "") -> Check:
        """The check `name` of a file with a sample that is NaN or infinite, so that nothing can be measured."""
        why = "cannot be measured: a sample is not finite"
        return Check(name, self.failed(), None, unit, limit, why, "see finite")
