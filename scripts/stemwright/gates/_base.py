"""The base class of gates, the subject that a gate judges, and the check that it returns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeAlias

from stemwright.measure import Meter
from stemwright.validation.fields import Configurable, Field

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

AUDIO_STAGES = (
    "reference",
    "stem",
    "processed",
    "bus",
    "mix",
    "solo",
    "window",
    "master",
    "printed",
    "delivered",
    "live",
    "disc",
)
WHOLE_AUDIO = tuple(stage for stage in AUDIO_STAGES if stage != "window")
"""The stages whose files have all of a song: in a stretch of it, silence is no fault, nor a mean that is not zero."""

STAGES = (
    "timeline",
    *AUDIO_STAGES,
    "archive",
    "handoff",
    "notes",
    "annotations",
    "preview",
    "report",
    "cue",
    "album_archive",
    "dataset_track",
    "dataset_index",
)

GateContext: TypeAlias = Mapping[str, Any]
"""What gates get from the song besides their limits: plain data, by name."""

Severity = Annotated[
    Literal["error", "warn"],
    Field("error: a file that fails is refused; warn: the failure is only reported."),
]
"""The type of the field `severity`. A gate that only warns by default declares the field again."""

Status = Literal["pass", "warn", "skip", "fail"]

Places: TypeAlias = Sequence[tuple[int, int]]
"""Where in a file something is: the first frame and the number of frames of each place, 1 for a point."""

_MAX_PLACES = 100


@dataclass(frozen=True)
class Subject:
    """A file to be judged, and what is expected of it.

    Attributes
    ----------
    path : str
        The path of the file.
    stage : str
        The stage whose gates judge it: one of `STAGES`.
    format : mapping
        The planned `sample_rate` in Hz, `channels`, `subtype`, `container` and `frames`, as far as they are known.
    context : GateContext
        What gates get from the song: the merged results of `Gate.context`.
    inputs : mapping of str to sequence of str
        Paths of the other files that gates read, by role, as named by `Gate.inputs`.
    alone : bool
        Whether the file belongs to no song: gates that need one are skipped.
    kind : str
        The stage in its record, if it is not `stage`.
    root : str
        Where the job works, see `stemwright.records.produced`.
    cores : int
        How many cores may be used to judge it. No measurement depends on it.
    """

    path: str
    stage: str
    format: Mapping[str, Any] = field(default_factory=dict)
    context: GateContext = field(default_factory=dict)
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alone: bool = False
    kind: str = ""
    root: str = ""
    cores: int = 1


@dataclass(frozen=True)
class Check:
    """One measurement and its verdict.

    Attributes
    ----------
    id : str
        The name of the check: that of the gate, or that name, a dot and a detail.
    status : str
        pass, warn, skip or fail.
    measured : float or int or str, optional
        What was measured; None if it could not be.
    unit, limit : str
        The unit of `measured` and the limit as text, such as `<= -1`.
    reason : str
        Why it is skipped or fails, where figures do not show it.
    remedy : str
        What to do if it fails.
    places : Places
        Where in the file it is, if it is not all of it; what is judged may be the sum of files. Up to a hundred are
        recorded.
    """

    id: str
    status: Status
    measured: float | int | str | None = None
    unit: str = ""
    limit: str = ""
    reason: str = ""
    remedy: str = ""
    places: Places = ()

    def record(self) -> dict:
        """The check as plain data for a sentinel or a ledger."""
        record: dict[str, Any] = {
            "id": self.id,
            "measured": _finite(self.measured),
            "unit": self.unit,
            "limit": self.limit,
            "status": self.status,
        }
        if self.reason:
            record["reason"] = self.reason
        if self.status in ("warn", "fail") and self.remedy:
            record["remedy"] = self.remedy
        if self.status in ("warn", "fail") and self.places:
            record["places"] = [list(place) for place in self.places[:_MAX_PLACES]]
        return record


def points(seconds: Iterable[float], rate: int) -> Places:
    """Points in time as places in a file of a sample rate (Hz)."""
    return [(round(second * rate), 1) for second in seconds]


def _finite(measured: float | int | str | None) -> float | int | str | None:
    """A measured value as JSON can hold it: an infinite one, such as the level of silence, as text."""
    return str(measured) if isinstance(measured, float) and not math.isfinite(measured) else measured


@dataclass(frozen=True)
class Gate(Configurable):
    """Base of a gate: a frozen dataclass whose fields are its limits.

    `stages` are the stages whose artifacts it judges. `stems_too` is false if it judges only the master among delivered
    files, `versions_too` if it judges nothing of versions. `needs` names what the gate needs of a song, if it
    cannot judge a file without one. `example` is shown in the reference.
    """

    stages: ClassVar[tuple[str, ...]] = ()
    versions_too: ClassVar[bool] = True
    stems_too: ClassVar[bool] = True
    needs: ClassVar[str] = ""
    example: ClassVar[str] = "{severity: warn}"

    severity: Severity = "error"

    # In the plan

    @classmethod
    def applies(cls, song: LoadedSong, artifact: Artifact) -> bool:
        """Whether the gate judges this artifact."""
        is_before_master = artifact.judged_as == "delivered" and artifact.role != "master"
        is_judged = (cls.stems_too or not is_before_master) and (cls.versions_too or not artifact.version)
        return artifact.judged_as in cls.stages and is_judged

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """What the gate needs of the song, by name. A change is a reason to verify again. All gates share the names."""
        return {}

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """Artifacts and files that the gate reads besides the artifact, by role. All gates share the roles."""
        return {}

    @classmethod
    def modules(cls, song: LoadedSong, artifact: Artifact) -> Sequence[str]:
        """Modules that the gate uses depending on the song: an edit of their code is a reason to verify again."""
        return ()

    # In the job

    def meters(self, subject: Subject) -> Sequence[Meter]:
        """The meters that `judge` gets, in that order; none if the gate reads the file itself."""
        return ()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        """Judge the file: returns one check or more. `meters` are those of `self.meters`, fed with the whole file."""
        raise NotImplementedError

    def failed(self) -> Status:
        """The status of a failed check: `warn` or `fail`, by the severity of the gate."""
        return "warn" if self.severity == "warn" else "fail"

    def not_finite(self, name: str, unit: str = "", limit: str = "") -> Check:
        """The result for a file that cannot be measured since a sample of it is NaN or infinite.

        Parameters
        ----------
        name : str
            The id of the check.
        unit, limit : str
            Its unit and limit.

        Returns
        -------
        Check
            A failed check without a measurement.
        """
        why = "cannot be measured: a sample is not finite"
        return Check(name, self.failed(), None, unit, limit, why, "see finite")
