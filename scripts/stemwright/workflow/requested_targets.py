"""The songs that a command line requests, and whether these have the requested targets.

Snakemake does not tell a workflow its targets while the workflow is parsed. But only then can a mistake be reported
without Snakemake's frames around it, and only then can a job on a cluster avoid reading thousands of songs. So the
words of the command line are searched. Correctness does not depend on it: a song not found here is read when needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from stemwright.base.errors import StemwrightError
from stemwright.plan.planned import Planned
from stemwright.records.paths import COLLECTIONS, homes_above
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.workflow.obstacles import obstacles

_OPTION = re.compile(r"--\w|-[dsUOR]$")
_REPORT = ("--report", "--report-html-path")
_LAST = {"song": "archive", "album": "album_archive", "dataset": "index"}
"""The last stage of what has a name of its own."""

_JOB = re.compile(r"\w+:(?:.*?,)?(song|album|dataset)=([^,]+)(?:,.*)?")


def is_report_zipped(words: Sequence[str]) -> bool:
    """Whether a command line asks for Snakemake's report as a zip."""
    values = [value for option, value in pairwise(words) if option in _REPORT]
    values += [value for option, _, value in (word.partition("=") for word in words) if option in _REPORT]
    return any(value.endswith(".zip") for value in values)


class RequestedTargets:
    """The targets among the words of a command.

    Attributes
    ----------
    songs : list of str
        The songs that the targets belong to, those of albums and datasets too; all songs if some target names none of
        them; none if no target needs one.
    collections : list of (str, str)
        The albums and datasets that the targets belong to, as (`album` or `dataset`, name); all if some target names
        none of them.
    named : list of str
        The targets that are names of rules.

    Parameters
    ----------
    results : str
        The output root.
    songs : sequence of str
        The names of all songs.
    words : iterable of str
        The command line.
    by_name : sequence of str
        Names of targets that are rules, not files.
    without_songs : sequence of str
        Those of them that read no song.
    collections : mapping of (str, str) to sequence of str
        The songs of each album and dataset.
    """

    def __init__(
        self,
        results: str,
        songs: Sequence[str],
        words: Iterable[str],
        by_name: Sequence[str],
        without_songs: Sequence[str] = (),
        collections: Mapping[tuple[str, str], Sequence[str]] | None = None,
    ):
        self._root = results.rstrip("/") + "/"
        self._songs, self._collections = frozenset(songs), collections or {}
        words = [word.removeprefix("./") for word in words]
        # The name of a song, an album or a dataset is not a target, but it may be the value of an option.
        values = {word for option, word in pairwise(words) if _OPTION.match(option)}
        known = self._songs.union(name for _, name in self._collections).difference(values, by_name)
        self._names = [word for word in words if word in known]
        self._files = [word for word in words if word.startswith(self._root)]
        requested = {self._owner(file) for file in self._files}
        requested |= {(match[1], match[2]) for word in words if (match := _JOB.fullmatch(word))}
        self.named = [name for name in by_name if name in words]
        are_known = bool(requested or self.named) and not set(self.named).difference(without_songs)
        self.collections = [each for each in self._collections if not are_known or each in requested]
        collected = {song for each in self.collections for song in self._collections[each]}
        self.songs = [
            song for song in songs if not are_known or ("song", song) in requested or song in collected
        ]

    def read(self, plan: Callable[[str], Planned], plan_collection: Callable[[str, str], Planned]) -> None:
        """Plan the requested songs with `plan`, the albums and datasets with `plan_collection`.

        Raises InvalidFileError with the problems of all songs; StemwrightError if a song lacks a requested target, or
        if something that is not a file is at the path of a file to be made.
        """
        problems: list[Problem] = []
        plans: list[Planned] = []
        songs = [partial(plan, song) for song in self.songs]
        collections = [partial(plan_collection, *each) for each in self.collections]
        for planned in (songs, collections):
            for each in planned:
                try:
                    plans.append(each())
                except InvalidFileError as error:
                    problems += error.problems
            if problems:
                raise InvalidFileError(problems)
        if found := list(dict.fromkeys(obstacles(path for each in plans for path in each.written))):
            raise StemwrightError("\n".join(found))
        if self._names:
            name = self._names[0]
            kind = next((kind for kind, other in self._collections if other == name), "song")
            if name in self._songs:
                kind = "song"
            its = plan(name) if kind == "song" else plan_collection(kind, name)
            raise StemwrightError(
                f"{name}: is {'an' if kind == 'album' else 'a'} {kind}, not a target; to build all of it: snakemake "
                f"{its.graph.get(_LAST[kind]).sentinel}"
            )
        for target in self._files:
            kind, owner = self._owner(target)
            if kind == "song" or (kind, owner) in self._collections:
                owned = plan(owner) if kind == "song" else plan_collection(kind, owner)
                known = owned.targets
                if target not in known and not owned.on_request(target):
                    near = owned.near_on_request(target)
                    meant = f"; did you mean {near}?" if near else did_you_mean(target, known)
                    raise StemwrightError(f"{target}: {kind} {owner} has no such target{meant}")
            elif kind:
                known = [name for other, name in self._collections if other == kind]
                raise StemwrightError(
                    f"{target}: there is no {kind} {owner} in this run: it must be in `{kind}s`, and all of its songs "
                    f"in `songs`{did_you_mean(owner, known)}"
                )

    def leave_out(self, songs: Collection[str]) -> None:
        """Take songs, and all albums and datasets, for not requested."""
        self.songs = [song for song in self.songs if song not in songs]
        self.collections = []

    def song_of(self, file: str) -> str:
        """The song that a file belongs to, "" for none."""
        kind, owner = self._owner(file)
        return owner if kind == "song" else ""

    def _owner(self, target: str) -> tuple[str, str]:
        """What a target belongs to, as (`song`, `album` or `dataset`, name); ("", "") for none of them."""
        below = target.removeprefix(self._root)
        first, *others = below.split("/")
        if first in COLLECTIONS and others:
            return COLLECTIONS[first], others[0]
        return next((("song", home) for home in homes_above(Path(below)) if home in self._songs), ("", ""))
