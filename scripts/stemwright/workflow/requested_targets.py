"""Which songs a command line asks for, and whether they have what it asks of them.

Snakemake does not tell a workflow its targets while it is parsed, but that is when a user's mistake can
be told in plain words, and when a job on a cluster should not read ten thousand songs. So the words of
the command line are looked at. Nothing hangs on it: a song that is not found here is read when needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from stemwright.base.errors import StemwrightError
from stemwright.plan.jobs import Plan
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.workflow.obstacles import obstacle

_OPTION = re.compile(r"--\w|-[dsUOR]$")
_JOB = re.compile(r"\w+:(?:.*,)?song=([^,]+)")


class RequestedTargets:
    """The targets among the words of a command. `by_name` are the names of targets that are no files."""

    def __init__(self, results: str, songs: Sequence[str], words: Iterable[str], by_name: Sequence[str]):
        self._root = results.rstrip("/") + "/"
        self._songs = songs
        words = [word.removeprefix("./") for word in words]
        # A song's name is no target, though it may be an option's value.
        values = {word for option, word in pairwise(words) if _OPTION.match(option)}
        self._names = [word for word in words if word in songs and word not in (*values, *by_name)]
        self._files = [word for word in words if word.startswith(self._root)]
        asked = {self._song(file) for file in self._files}
        asked |= {match[1] for word in words if (match := _JOB.fullmatch(word))}
        some = bool(asked) and not any(name in words for name in by_name)
        self.songs = [song for song in songs if song in asked] if some else list(songs)

    def read(self, plan: Callable[[str], Plan]) -> None:
        """Read the songs asked for. Raises SpecError with the mistakes of all, or StemwrightError for a target that
        no song has, or for what is in the way of their files.
        """
        problems: list[Problem] = []
        for song in self.songs:
            try:
                plan(song)
            except InvalidFileError as error:
                problems += error.problems
        if problems:
            raise InvalidFileError(problems)
        found = [obstacle(path) for song in self.songs for path in plan(song).written]
        if any(found):
            raise StemwrightError("\n".join(dict.fromkeys(filter(None, found))))
        if self._names:
            name = self._names[0]
            archive = plan(name).graph.get("archive")
            raise StemwrightError(
                f"{name}: is a song, and no target; for all of it: snakemake {archive.sentinel}"
            )
        for target in self._files:
            song = self._song(target)
            if song in self._songs:
                known = plan(song).targets
                if target not in known:
                    raise StemwrightError(
                        f"{target}: song {song} has no such target{did_you_mean(target, known)}"
                    )

    def _song(self, target: str) -> str | None:
        song = target.removeprefix(self._root).split("/")[0]
        return song if song in self._songs else None
