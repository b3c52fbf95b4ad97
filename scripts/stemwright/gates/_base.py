"""What every gate is, what it is given, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

from stemwright.measure import Meter
from stemwright.validation.fields import Configurable, Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

AUDIO_STAGES = ("reference", "stem", "processed", "mix", "master", "delivered")
STAGES = ("timeline", *AUDIO_STAGES, "archive")

GateContext: TypeAlias = Mapping[str, Any]
"""What the gates of an artifact know of its song besides their limits: plain data, by name."""

Severity = Annotated[
    Literal["error", "warn"], Field("Whether failing it refuses the file, or is only reported.")
]
"""The type of a gate's `severity`: one that only warns by default declares it again."""

Status = Literal["pass", "warn", "skip", "fail"]


@dataclass(frozen=True)
class Subject:
    """A file to be judged, and what it should be.

    Attributes
    ----------
    path : str
        The file.
    stage : str
        As what it is judged: one of `STAGES`.
    format : mapping
        The planned `sample_rate` in Hz, `channels`, `subtype`, `container`, and `frames` where they are known.
    context : GateContext
        What gates know of the song, as `Gate.context` gave it.
    inputs : mapping of str to sequence of str
        Paths of the other files that gates read, by role, as `Gate.inputs` named them.
    alone : bool
        Whether it has no song: gates that need one are skipped.
    kind : str
        The stage that its record names; by default `stage`.
    """

    path: str
    stage: str
    format: Mapping[str, Any] = field(default_factory=dict)
    context: GateContext = field(default_factory=dict)
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alone: bool = False
    kind: str = ""


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
    """Base of a gate: a frozen dataclass of its limits, which says all that is to be known of it.

    `stages` are the stages whose artifacts it judges; `stems_too`: whether among delivered files it judges stems, not
    the master alone. `needs` names what of a song it cannot judge without: a file without a song is then not judged.
    `example` is its example in the reference.
    """

    stages: ClassVar[tuple[str, ...]] = ()
    stems_too: ClassVar[bool] = True
    needs: ClassVar[str] = ""
    example: ClassVar[str] = "{severity: warn}"

    severity: Severity = "error"

    # In the plan

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Whether it judges an artifact of a song."""
        is_delivered_stem = artifact.judged_as == "delivered" and bool(artifact.stem)
        return artifact.judged_as in cls.stages and (cls.stems_too or not is_delivered_stem)

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """What it must know of the song. All of it is a reason to verify again. Names are shared by all gates."""
        return {}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """What it reads besides the artifact, by role. Roles are shared by all gates."""
        return {}

    @classmethod
    def modules(cls, song: LoadedSong, artifact: Artifact) -> Sequence[str]:
        """Modules that do part of its work and are chosen by the song: their code is a reason to verify again."""
        return ()

    # In the job

    def meters(self, subject: Subject) -> Sequence[Meter]:
        """The meters whose results `judge` wants, in that order; none if it reads the file itself."""
        return ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        """One check or more. `meters` are those asked for, fed with the whole file."""
        raise NotImplementedError

    def failed(self) -> Status:
        """The status of a check that did not hold, by this gate's severity."""
        return "warn" if self.severity == "warn" else "fail"

    def not_finite(self, name: str, unit: str = "", limit: str = "") -> Check:
        """The check `name` of a file with a sample that is NaN or infinite, so that nothing can be measured."""
        why = "cannot be measured: a sample is not finite"
        return Check(name, self.failed(), None, unit, limit, why, "see finite")
