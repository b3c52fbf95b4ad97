"""What a patch of Snakemake is: the methods it replaces, and a guard that they are as they were when it was tried.

A method is compared by the digest of its source. Where that differs, the patch is left out: with a line on the screen
if what is built can be trusted without it, else with an error, before anything is built.
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
from typing import TYPE_CHECKING

import snakemake
from snakemake.logging import logger

from stemwright.errors import StemwrightError

if TYPE_CHECKING:
    from snakemake.workflow import Workflow


LAST_TRIED = "9.27.1"
"""The newest Snakemake that all patches were tried with."""


_HEAD = re.compile(r"\s*(async )?def ")


class UntriedSnakemakeError(StemwrightError):
    """This Snakemake differs where it matters from those that Stemwright was tried with."""


@dataclass(frozen=True)
class Source:
    """A function of Snakemake that a patch builds on.

    Attributes
    ----------
    place : str
        Where it is: `module:Class.method` or `module:function`.
    tried : mapping of str to str
        Digests of its source that the patch was tried with, by the first version of Snakemake that has it.
    """

    place: str
    tried: Mapping[str, str]

    def is_as_tried(self) -> bool:
        """Whether this Snakemake has it, and its source is one that the patch was tried with."""
        try:
            return source_digest(self.function) in self.tried.values()
        except (ImportError, AttributeError, TypeError, OSError):  # it is elsewhere, or its source is
            return False

    @property
    def path(self) -> list[str]:
        return self.place.partition(":")[2].split(".")

    @property
    def owner(self):
        """The class or module that it is an attribute of."""
        return reduce(getattr, self.path[:-1], importlib.import_module(self.place.partition(":")[0]))

    @property
    def function(self) -> Callable:
        return getattr(self.owner, self.path[-1])


@dataclass(frozen=True)
class Replacement(Source):
    """A method of Snakemake that a patch replaces.

    Attributes
    ----------
    make : callable
        Gives the new method, given the one that it replaces.
    """

    make: Callable[[Callable], Callable]

    def put_in(self) -> None:
        """Replace the method."""
        original = self.function
        setattr(self.owner, self.path[-1], wraps(original)(self.make(original)))


@dataclass
class Patch:
    """One fault of Snakemake, and how it is mended.

    Attributes
    ----------
    name : str
        The file that it stands in.
    without : str
        What it means to go without it, as a sentence for the user.
    is_safe_without : bool
        Whether what is built can be trusted without it.
    replacements : tuple of Replacement
        What it replaces.
    depends_on : tuple of Source
        What else it builds on.
    set_up : callable, optional
        What else it does, given the workflow.
    applies : callable, optional
        Whether it is for this process of this workflow. By default, it is for all.
    """

    name: str
    without: str
    is_safe_without: bool
    replacements: tuple[Replacement, ...] = ()
    depends_on: tuple[Source, ...] = ()
    set_up: Callable[[Workflow], None] = lambda workflow: None
    applies: Callable[[Workflow], bool] = lambda workflow: True
    _is_done: bool = field(default=False, init=False)

    def install(self, workflow: Workflow) -> None:
        """Install it, once. Raises UntriedSnakemakeError if what is built could not be trusted without it."""
        if self._is_done or not self.applies(workflow):
            return
        sources = (*self.replacements, *self.depends_on)
        if changed := next((source for source in sources if not source.is_as_tried()), None):
            self._leave_out(changed, workflow)
        else:
            for replacement in self.replacements:
                replacement.put_in()
            self.set_up(workflow)
        self._is_done = True

    def _leave_out(self, changed: Source, workflow: Workflow) -> None:
        told = (
            f"Snakemake {snakemake.__version__}: its {'.'.join(changed.path)} is not as in {', '.join(changed.tried)}, "
            f"so Stemwright's patch {self.name} is left out. {self.without}"
        )
        if not self.is_safe_without:
            raise UntriedSnakemakeError(f"{told} Install Snakemake {LAST_TRIED}.")
        if workflow.is_main_process:
            logger.warning(told)


def source_digest(function: Callable) -> str:
    """A digest of a function's source, less its comments and empty lines. Raises OSError if there is no source."""
    lines = map(str.rstrip, source_text(function).splitlines())
    code = (line for line in lines if line and not line.lstrip().startswith("#"))
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:16]


def source_text(function: Callable) -> str:
    """A function's source, with its decorators: up to the next line that is indented no deeper.

    This is what `inspect.getsource` gives, which reads every token: in a third of its time. Raises OSError if there is
    none.
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
