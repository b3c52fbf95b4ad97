"""What a patch is: the methods that it replaces, and a guard that these are the ones it was tried with.

The guard compares digests of their source. If one differs, the patch is left out: with a warning if builds are correct
without it, otherwise with an error before anything is built.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import linecache
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce, wraps
from typing import TYPE_CHECKING, Any, cast

import snakemake
from snakemake.logging import logger

from stemwright.base.errors import StemwrightError

if TYPE_CHECKING:
    from snakemake.workflow import Workflow


LAST_TRIED = "9.27.1"
"""The newest version of Snakemake that all patches were tried with."""

_HEAD = re.compile(r"\s*(async )?def ")


class UntriedSnakemakeError(StemwrightError):
    """A patch that correct builds depend on does not fit this Snakemake."""


@dataclass(frozen=True)
class Source:
    """A function of Snakemake that a patch depends on.

    Attributes
    ----------
    place : str
        Where it is: `module:Class.method` or `module:function`.
    tried : mapping of str to str
        Digests of its source with which the patch was tried, by the first version of Snakemake that has this source.
    """

    place: str
    tried: Mapping[str, str]

    def is_as_tried(self) -> bool:
        """Whether this Snakemake has the function, with a source with which the patch was tried."""
        try:
            return source_digest(self.function) in self.tried.values()
        except (ImportError, AttributeError, TypeError, OSError):  # there is no such function, or no source
            return False

    @property
    def path(self) -> list[str]:
        """The names of its class and its own."""
        return self.place.partition(":")[2].split(".")

    @property
    def owner(self):
        """The class or module that it is an attribute of."""
        return reduce(getattr, self.path[:-1], importlib.import_module(self.place.partition(":")[0]))

    @property
    def function(self) -> Callable:
        """The function itself; of a property, the one that gets it."""
        found: Any = getattr(self.owner, self.path[-1])
        return cast(Callable, found.fget if isinstance(found, property) else found)


@dataclass(frozen=True)
class Replacement(Source):
    """A method of Snakemake that a patch replaces.

    Attributes
    ----------
    make : callable
        Takes the original method and returns the new one.
    """

    make: Callable[[Callable], Callable]

    def put_in(self) -> None:
        """Replace the method."""
        original = self.function
        new = wraps(original)(self.make(original))
        is_property = isinstance(getattr(self.owner, self.path[-1]), property)
        setattr(self.owner, self.path[-1], property(new) if is_property else new)


@dataclass
class Patch:
    """One change of Snakemake's behaviour.

    Attributes
    ----------
    name : str
        The name of its file.
    without : str
        What it means for the user if it is left out, as a sentence.
    is_safe_without : bool
        Whether builds are correct without it.
    replacements : tuple of Replacement
        The methods that it replaces.
    depends_on : tuple of Source
        Other functions that must be as tried.
    set_up : callable, optional
        Takes the workflow and does what else is needed.
    applies : callable, optional
        Takes the workflow and returns whether this process needs the patch. By default, all do.
    is_in_use : bool
        Whether it is installed, and not left out.
    """

    name: str
    without: str
    is_safe_without: bool
    replacements: tuple[Replacement, ...] = ()
    depends_on: tuple[Source, ...] = ()
    set_up: Callable[[Workflow], None] = lambda workflow: None
    applies: Callable[[Workflow], bool] = lambda workflow: True
    is_in_use: bool = field(default=False, init=False)
    _is_done: bool = field(default=False, init=False)

    def install(self, workflow: Workflow) -> None:
        """Install it, unless it is. Raises UntriedSnakemakeError if it does not fit and builds depend on it."""
        if self._is_done or not self.applies(workflow):
            return
        sources = (*self.replacements, *self.depends_on)
        if changed := next((source for source in sources if not source.is_as_tried()), None):
            self._leave_out(changed, workflow)
        else:
            for replacement in self.replacements:
                replacement.put_in()
            self.set_up(workflow)
            self.is_in_use = True
        self._is_done = True

    def _leave_out(self, changed: Source, workflow: Workflow) -> None:
        message = (
            f"Snakemake {snakemake.__version__}: its {'.'.join(changed.path)} is not as in {', '.join(changed.tried)}, "
            f"so Stemwright's patch {self.name} is left out. {self.without}"
        )
        if not self.is_safe_without:
            raise UntriedSnakemakeError(f"{message} Install Snakemake {LAST_TRIED}.")
        if workflow.is_main_process:
            logger.warning(message)


def source_digest(function: Callable) -> str:
    """A digest of a function's source without comments and empty lines. Raises OSError if there is no source."""
    lines = map(str.rstrip, source_text(function).splitlines())
    code = (line for line in lines if line and not line.lstrip().startswith("#"))
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:16]


def source_text(function: Callable) -> str:
    """A function's source, from its decorators to the next line with the same or less indentation.

    The result is that of `inspect.getsource`, in a third of the time, as that reads every token. Raises OSError if
    there is no source.
    """
    code = inspect.unwrap(function).__code__
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    head = next((i for i, line in enumerate(lines) if _HEAD.match(line)), None)
    if head is None:
        raise OSError(f"{code.co_filename}: there is no source of {function.__qualname__}")
    indent = _indent(lines[head])
    for end, line in enumerate(lines[head + 1 :], head + 1):
        if line.strip() and _indent(line) <= indent and not line.lstrip().startswith(")"):
            return "".join(lines[:end])
    return "".join(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
