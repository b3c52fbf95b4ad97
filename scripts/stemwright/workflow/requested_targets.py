"""The songs that a command line requests, and whether these have the requested targets.

Snakemake does not tell a workflow its targets while the workflow is parsed. But only then can a mistake be reported
without Snakemake's frames around it, and only then can a job on a cluster avoid reading thousands of songs. So the
words of the command line are searched. Correctness does not depend on it: a song not found here is read when needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from stemwright.base.errors import StemwrightError
from stemwright.plan.jobs import Plan
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.workflow.obstacles import describe_obstacle

_OPTION = re.compile(r"--\w|-[dsUOR]$")
_JOB = re.compile(r"\w+:(?:.*,)?song=([^,]+)")


class RequestedTargets:
    """The targets among the words of a command.

    Attributes
    ----------
    songs : list of str
        The songs that the targets belong to; all songs if some target names no song; none if no target needs one.
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
    """

    def __init__(
        self,
        results: str,
        songs: Sequence[str],
        words: Iterable[str],
        by_name: Sequence[str],
        without_songs: Sequence[str] = (),
    ):
        self._root = results.rstrip("/") + "/"
        self._songs = songs
        words = [word.removeprefix("./") for word in words]
        # The name of a song is not a target, but it may be the value of an option.
        values = {word for option, word in pairwise(words) if _OPTION.match(option)}
        self._names = [word for word in words if word in songs and word not in (*values, *by_name)]
        self._files = [word for word in words if word.startswith(self._root)]
        requested = {self._song(file) for file in self._files}
        requested |= {match[1] for word in words if (match := _JOB.fullmatch(word))}
        self.named = [name for name in by_name if name in words]
        are_known = bool(requested or self.named) and not set(self.named).difference(without_songs)
        self.songs = [song for song in songs if song in requested] if are_known else list(songs)

    def read(self, plan: Callable[[str], Plan]) -> None:
        """Plan the requested songs with `plan`.

        Raises InvalidFileError with the problems of all songs; StemwrightError if a song lacks a requested target, or
        if something that is not a file is at the path of a file to be made.
        """
        problems: list[Problem] = []
        for song in self.songs:
            try:
                plan(song)
            except InvalidFileError as error:
                problems += error.problems
        if problems:
            raise InvalidFileError(problems)
        obstacles = [describe_obstacle(path) for song in self.songs for path in plan(song).written]
        if any(obstacles):
            raise StemwrightError("\n".join(dict.fromkeys(filter(None, obstacles))))
        if self._names:
            name = self._names[0]
            archive = plan(name).graph.get("archive", name)
            raise StemwrightError(
                f"{name}: is a song, not a target; to build all of it: snakemake {archive.sentinel}"
            )
        for target in self._files:
            owner = self._song(target)
            if owner is not None:
                known = plan(owner).targets
                if target not in known:
                    raise StemwrightError(
                        f"{target}: song {owner} has no such target{did_you_mean(target, known)}"
                    )

    def _song(self, target: str) -> str | None:
        song = target.removeprefix(self._root).split("/")[0]
        return song if song in self._songs else None
