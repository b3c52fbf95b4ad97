"""Where files are that the plan knows by a path: as a module with a `prefix`, or with files in a storage.

Snakemake moves the paths of rules: a host may use this workflow as a module with `prefix` or `replace_prefix`, and
`--default-storage-provider` takes all files of rules to be in a storage, and has jobs work on copies. Paths of our own
files in the plan are as moved by a host, so that nothing else needs to know of it. What a song is made from stays where
its YAML says: relative to the working directory, and not in a storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os.path import join
from typing import Any

from snakemake.io import flag, local
from snakemake.path_modifier import PATH_MODIFIER_FLAG, PathModifier
from snakemake.workflow import Workflow

from stemwright.base.errors import StemwrightError

_ON_THIS_FILE_SYSTEM = "fs"
"""The storage plug-in whose files are folders and files here."""


class Places:
    """Where the files of a workflow are.

    Parameters
    ----------
    workflow : snakemake.workflow.Workflow
        The workflow, while our Snakefile is read.

    Attributes
    ----------
    are_as_written : bool
        Whether files are where rules say: this workflow is no module of another one, and there is no storage.
    """

    def __init__(self, workflow: Workflow):
        self._workflow = workflow
        self._pathvars = workflow.pathvars
        self._modifier = workflow.modifier.path_modifier
        self._storage = workflow.storage_settings.default_storage_provider
        self.are_as_written = workflow.modifier.is_main_snakefile() and self._storage is None

    def root(self, pathvar: str) -> str:
        """The folder that a path variable names: moved and then resolved, as Snakemake does it."""
        moved = self._modifier.replace_prefix(f"<{pathvar}>/_", "output")
        return self._pathvars.apply(moved).removesuffix("/_")

    def root_of_storage(self) -> str:
        """What leads to files of the plan that are in a storage, "" without one, for jobs that look at all of them.

        Raises StemwrightError for a storage whose files are not on this file system.
        """
        if self._storage not in (None, _ON_THIS_FILE_SYSTEM):
            raise StemwrightError(
                f"audit and prune look at files on this machine, but these are in a storage ({self._storage}): "
                "copy them here, and run without --default-storage-provider"
            )
        return join(self._workflow.storage_settings.default_storage_prefix or "", "") if self._storage else ""

    def of_ours(self, path: str) -> Any:
        """An artifact or a record as an input of a rule."""
        return path if self.are_as_written else self.of_host(path)

    def of_host(self, path: str) -> Any:
        """A file that a host's rule makes, as an input of a rule of ours."""
        if self.are_as_written:
            return path
        return flag(self._modifier.apply_default_storage(path), PATH_MODIFIER_FLAG)

    def of_user(self, path: str) -> Any:
        """A file that the user has put there, or that a song's own rule makes, as an input of a rule of ours."""
        return path if self.are_as_written else local(path)

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """Leave the paths of rules that are read inside as they are written."""
        if self.are_as_written:
            yield
            return
        modifier = self._workflow.modifier
        modifier.path_modifier = _AsWritten(None, None, self._workflow)
        try:
            yield
        finally:
            modifier.path_modifier = self._modifier


class _AsWritten(PathModifier):
    def modify(self, path: Any, property: str | None = None) -> Any:
        return local(path)
