"""The songs that a command line requests, and whether these have the requested targets.

Snakemake does not tell a workflow its targets while the workflow is parsed. But only then can a mistake be reported
without Snakemake's frames around it, and only then can a job on a cluster avoid reading thousands of songs. So the
words of the command line are searched. Correctness does not depend on it: a song not found here is read when needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from stemwright.base.errors import StemwrightError
from stemwright.plan.planned import Planned
from stemwright.records.paths import ALBUMS
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.workflow.obstacles import describe_obstacle

_OPTION = re.compile(r"--\w|-[dsUOR]$")
_REPORT = ("--report", "--report-html-path")
_JOB = re.compile(r"\w+:(?:.*,)?(song|album)=([^,]+)")


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
        The songs that the targets belong to, those of albums too; all songs if some target names no song or album; none
        if no target needs one.
    albums : list of str
        The albums that the targets belong to; all if some target names no song or album.
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
    albums : mapping of str to sequence of str
        The songs of each album.
    """

    def __init__(
        self,
        results: str,
        songs: Sequence[str],
        words: Iterable[str],
        by_name: Sequence[str],
        without_songs: Sequence[str] = (),
        albums: Mapping[str, Sequence[str]] | None = None,
    ):
        self._root = results.rstrip("/") + "/"
        self._songs, self._albums = songs, albums or {}
        words = [word.removeprefix("./") for word in words]
        # The name of a song or an album is not a target, but it may be the value of an option.
        values = {word for option, word in pairwise(words) if _OPTION.match(option)}
        known = (*songs, *self._albums)
        self._names = [word for word in words if word in known and word not in (*values, *by_name)]
        self._files = [word for word in words if word.startswith(self._root)]
        requested = {self._owner(file) for file in self._files}
        requested |= {(match[1], match[2]) for word in words if (match := _JOB.fullmatch(word))}
        self.named = [name for name in by_name if name in words]
        are_known = bool(requested or self.named) and not set(self.named).difference(without_songs)
        self.albums = [name for name in self._albums if not are_known or ("album", name) in requested]
        on_albums = {song for name in self.albums for song in self._albums[name]}
        self.songs = [
            song for song in songs if not are_known or ("song", song) in requested or song in on_albums
        ]

    def read(self, plan: Callable[[str], Planned], plan_album: Callable[[str], Planned]) -> None:
        """Plan the requested songs with `plan`, the albums with `plan_album`.

        Raises InvalidFileError with the problems of all songs; StemwrightError if a song lacks a requested target, or
        if something that is not a file is at the path of a file to be made.
        """
        problems: list[Problem] = []
        plans: list[Planned] = []
        for planned, names in ((plan, self.songs), (plan_album, self.albums)):
            for name in names:
                try:
                    plans.append(planned(name))
                except InvalidFileError as error:
                    problems += error.problems
            if problems:
                raise InvalidFileError(problems)
        obstacles = [describe_obstacle(path) for each in plans for path in each.written]
        if any(obstacles):
            raise StemwrightError("\n".join(dict.fromkeys(filter(None, obstacles))))
        if self._names:
            name = self._names[0]
            is_song = name in self._songs
            what, planned, stage = (
                ("a song", plan, "archive") if is_song else ("an album", plan_album, "album_archive")
            )
            archive = planned(name).graph.get(stage)
            raise StemwrightError(
                f"{name}: is {what}, not a target; to build all of it: snakemake {archive.sentinel}"
            )
        for target in self._files:
            kind, owner = self._owner(target)
            if kind == "song" or (kind == "album" and owner in self._albums):
                known = (plan if kind == "song" else plan_album)(owner).targets
                if target not in known:
                    raise StemwrightError(
                        f"{target}: {kind} {owner} has no such target{did_you_mean(target, known)}"
                    )
            elif kind == "album":
                raise StemwrightError(
                    f"{target}: there is no album {owner} in this run: it must be in `albums`, and all of its songs in "
                    f"`songs`{did_you_mean(owner, list(self._albums))}"
                )

    def _owner(self, target: str) -> tuple[str, str]:
        """What a target belongs to, as (`song` or `album`, name); ("", "") for neither."""
        first, *others = target.removeprefix(self._root).split("/")
        if first == ALBUMS and others:
            return "album", others[0]
        return ("song", first) if first in self._songs else ("", "")
