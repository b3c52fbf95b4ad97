"""What Snakemake keeps of each job besides the job, with little in each: the jobs beside it, and why it is to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Set
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snakemake.io import _IOFile
    from snakemake.jobs import Job

Files = tuple["_IOFile", ...] | set["_IOFile"]

_NONE: Mapping[str, Any] = MappingProxyType({})
_FEW = 8
"""How many files are a tuple: it takes less memory than a set, and as little time."""


class Links(MutableMapping):
    """The jobs beside a job, each with the files between the two: few jobs, which are looked at one after the other.

    Parameters
    ----------
    links : mapping
        The files by job.
    """

    __slots__ = ("_flat",)

    def __init__(self, links: Mapping[Job, Iterable[_IOFile]]):
        # A job, its files, another job, and so on. A single file stands for itself.
        self._flat = tuple(each for job, files in links.items() for each in (job, _packed(files)))

    @property
    def _jobs(self) -> tuple[Job, ...]:
        return self._flat[::2]

    def values(self) -> tuple[Files, ...]:  # type: ignore[override]
        """The files."""
        return tuple(map(_unpacked, self._flat[1::2]))

    def items(self) -> tuple[tuple[Job, Files], ...]:  # type: ignore[override]
        """Each job with its files."""
        return tuple(zip(self._jobs, self.values(), strict=True))

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs)

    def __len__(self) -> int:
        return len(self._flat) // 2

    def __contains__(self, job: object) -> bool:
        return job in self._jobs

    def __getitem__(self, job: Job) -> Files:
        if job not in self:  # as in Snakemake's own
            self[job] = set()
        return _unpacked(self._flat[2 * self._jobs.index(job) + 1])

    def get(self, job: Job, default: Any = None) -> Any:
        """The files of a job, if it is there."""
        return next((files for other, files in self.items() if other is job), default)

    def pop(self, job: Job, default: Any = None) -> Any:
        """The files of a job, which is no longer there."""
        files = self.get(job, default)
        self._flat = self._without(job)
        return files

    def __setitem__(self, job: Job, files: Iterable[_IOFile]) -> None:
        self._flat = (*self._without(job), job, files if isinstance(files, set) else _packed(files))

    def __delitem__(self, job: Job) -> None:
        if job not in self:
            raise KeyError(job)
        self._flat = self._without(job)

    def _without(self, job: Job) -> tuple:
        return tuple(each for other, files in self.items() if other is not job for each in (other, files))


def _packed(files: Iterable[_IOFile]) -> Any:
    files = tuple(files)
    return files[0] if len(files) == 1 else files


def _unpacked(files: Any) -> Files:
    return files if isinstance(files, (tuple, set)) else (files,)


class ReasonFiles(Set):
    """One of the sets of files of a reason."""

    __slots__ = ("_name", "_reason")
    _from_iterable = set

    def __init__(self, reason: Any, name: str):
        self._reason, self._name = reason, name

    @property
    def _files(self) -> Files:
        return _unpacked(getattr(self._reason, self._name))

    def __contains__(self, file: object) -> bool:
        return file in self._files

    def __iter__(self) -> Iterator[_IOFile]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def update(self, files: Iterable[_IOFile]) -> None:
        """Add files."""
        known = self._files
        more = [file for file in dict.fromkeys(files) if file not in known]
        if isinstance(known, set):
            known.update(more)
        elif more:
            found = (*known, *more)
            setattr(self._reason, self._name, set(found) if len(found) > _FEW else _packed(found))

    def intersection(self, files: Iterable[_IOFile]) -> set[_IOFile]:
        """Those of some files that are among them."""
        return {file for file in files if file in self}

    def clear(self) -> None:
        """Take all away."""
        setattr(self._reason, self._name, ())


_SETS = ("updated_input", "updated_input_run", "missing_output", "incomplete_output")


@cache
def lean_reason() -> type:
    """The class of reasons like Snakemake's `Reason`, which keep only what is otherwise than at their start."""
    from snakemake.jobs import Reason

    at_the_start = Reason()

    class LeanReason:
        """Why a job is to run."""

        __slots__ = (*(f"_{name}" for name in _SETS), "_others")
        _others: Mapping[str, Any]

        def __init__(self) -> None:
            self.clear()

        def clear(self) -> None:
            """As at the start."""
            for name in _SETS:
                setattr(self, f"_{name}", ())
            self._others = _NONE

        def __getattr__(self, name: str) -> Any:
            return getattr(at_the_start, name) if name not in self._others else self._others[name]

        def __setattr__(self, name: str, value: Any) -> None:
            if name in LeanReason.__slots__:
                object.__setattr__(self, name, value)
            elif value is not getattr(self, name):
                self._others = {**self._others, name: value}

        def __bool__(self) -> bool:
            files = self._updated_input or self._updated_input_run or self._missing_output
            return bool((files or self._others) and Reason.__bool__(self))

        __str__ = Reason.__str__
        get_names = Reason.get_names
        is_provenance_triggered = Reason.is_provenance_triggered
        mark_finished = Reason.mark_finished
        set_cleanup_metadata_instructions = Reason.set_cleanup_metadata_instructions

    for name in _SETS:
        setattr(LeanReason, name, property(partial(ReasonFiles, name=f"_{name}")))
    return LeanReason
