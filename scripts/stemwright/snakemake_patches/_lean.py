"""Lists of Snakemake's with little in each: the names of items are kept once, and a path is there once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from snakemake.io import AnnotatedString, IOFile, _IOFile, flag
from snakemake.iocontainers import (
    AttributeGuard,
    InputFiles,
    Log,
    Namedlist,
    OutputFiles,
    Params,
    Wildcards,
)

if TYPE_CHECKING:
    from snakemake.rules import Rule

_SPECIAL = frozenset("{}<>")
"""What Snakemake may read something into, in a path."""

_layouts: dict[tuple, tuple] = {}
_files: dict[str, LeanFile] = {}
_ancient: dict[str, LeanFile] = {}


class Lean(Namedlist):
    """A list with names like Snakemake's, which keeps where the names are, and makes what they name on demand.

    Parameters
    ----------
    items : iterable
        The items.
    layout : iterable
        Each name with the index of its item, as `(index, None)`, or with the first and the one after its last.
    """

    __slots__ = ("_layout",)
    _allowed_overrides = ("index", "sort")
    index = AttributeGuard("index")
    sort = AttributeGuard("sort")
    plain: type[Namedlist]

    def __init__(self, items: Iterable[Any], layout: Iterable[tuple[str, tuple[int, int | None]]]):
        list.__init__(self, items)
        layout = tuple(layout)
        self._layout = _layouts.setdefault(layout, layout)

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Lean:
        """Items by name."""
        return cls(named.values(), ((name, (index, None)) for index, name in enumerate(named)))

    @property
    def _names(self) -> dict[str, tuple[int, int | None]]:
        return dict(self._layout)

    def __getattr__(self, name: str) -> Any:
        for known, (start, end) in self._layout:
            if known == name:
                return list.__getitem__(self, start) if end is None else Namedlist(toclone=self[start:end])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def get(self, key: str, default_value: Any = None) -> Any:
        """What has a name; without it, the default."""
        return getattr(self, key) if key in self._names else default_value

    def _set_name(self, name: str, index: int, end: int | None = None) -> None:
        self._layout = (*self._layout, (name, (index, end)))

    def _plainstrings(self) -> Namedlist:
        return self.plain(toclone=self, plainstr=True)

    def _stripped_constraints(self) -> Namedlist:
        return self.plain(toclone=self, strip_constraints=True)

    def _clone(self) -> Namedlist:
        return self.plain(toclone=self)

    def __reduce__(self) -> tuple:
        return self.plain, (self._clone(),)


class LeanInputs(Lean, InputFiles):
    plain = InputFiles


class LeanOutputs(Lean, OutputFiles):
    plain = OutputFiles


class LeanWildcards(Lean, Wildcards):
    plain = Wildcards


_wildcards: dict[tuple, tuple[dict[str, str], LeanWildcards]] = {}
_MOST = 1_000  # wildcards that are known; jobs that have them in common follow each other


def shared_wildcards(wildcards: dict[str, str]) -> tuple[dict[str, str], LeanWildcards]:
    """The wildcards of a job, as Snakemake keeps them twice; those of another job that has the same, if there was one.

    Parameters
    ----------
    wildcards : dict of str to str
        Their values by name.

    Returns
    -------
    dict of str to str
    LeanWildcards
    """
    key = tuple(wildcards.items())
    if key not in _wildcards:
        if len(_wildcards) == _MOST:
            _wildcards.clear()
        _wildcards[key] = wildcards, LeanWildcards.of(wildcards)
    return _wildcards[key]


class LeanLog(Lean, Log):
    plain = Log


class LeanParams(Lean, Params):
    plain = Params


class LeanFile(_IOFile):
    """A file of jobs by its path alone. It is hashed and compared as a text, which is the same, and quicker."""

    __slots__ = ()
    _is_callable = False
    _regex = _wildcard_constraints = None
    is_storage = is_ancient = False
    __hash__ = str.__hash__
    __eq__ = str.__eq__

    def __new__(cls, path: str, rule: Rule) -> LeanFile:
        """A file.

        Parameters
        ----------
        path : str
            Its path.
        rule : Rule
            The rule that names it.
        """
        file = str.__new__(cls, path)
        file.rule = rule
        return file

    def __getattr__(self, name: str) -> Any:
        """Its path with its flags: a copy, which nobody keeps."""
        if name != "_file":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return flag(str(self), "ancient") if self.is_ancient else str(self)

    @property
    def flags(self) -> dict[str, Any]:
        """Its flags, as a copy."""
        return {"ancient": True} if self.is_ancient else {}


class LeanAncientFile(LeanFile):
    """A file that a job needs as an `ancient()` input."""

    __slots__ = ()
    is_ancient = True
    __hash__ = str.__hash__
    __eq__ = str.__eq__


def input_file(path: Any, rule: Rule) -> _IOFile:
    """A file that a function of a rule of ours returned, as an input of a job."""
    is_ancient = type(path) is AnnotatedString and path.flags == {"ancient": True}
    if not (is_ancient or type(path) is str) or not _SPECIAL.isdisjoint(path) or path.endswith("/"):
        file = IOFile(path, rule=rule).apply_wildcards({})
        file.check()
        return file
    return _file_at(path, rule, LeanAncientFile, _ancient) if is_ancient else file_at(path, rule)


def file_at(path: str, rule: Rule) -> LeanFile:
    """A file of jobs of ours, by its path alone: it has no flags. It is the same for all rules that name it."""
    return _file_at(path, rule, LeanFile, _files)


def _file_at(path: str, rule: Rule, kind: type[LeanFile], files: dict[str, LeanFile]) -> LeanFile:
    file = files.get(path)
    if file is None or file.rule.workflow is not rule.workflow:
        file = kind(path, rule)
        files[file] = file
    return file


def forget_files() -> None:
    """Let go of what finds files by their paths. Those that are named from now on are equal to others, not the same."""
    _files.clear()
    _ancient.clear()
