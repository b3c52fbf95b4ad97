"""The files that a song is made from, watched: whatever way an editor saves them, and wherever they are."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

from watchfiles import Change, watch

from stemwright.base.errors import StemwrightError
from stemwright.base.looked import recorded
from stemwright.plan.anew import song_plan
from stemwright.records.paths import SONGS, homes_above
from stemwright.song.house import load_house
from stemwright.validation import yaml

CONFIG = "config.yaml"
_STOP_MS = 300
"""How soon a watch ends that is to be stopped."""

_OVERLAP_S = 2.0


class Watched:
    """Files and folders that are watched, in threads of their own.

    Attributes
    ----------
    changed : threading.Event
        Set whenever one of them changes.
    """

    def __init__(self) -> None:
        self.changed = threading.Event()
        self._files: frozenset[str] = frozenset()
        self._stop = threading.Event()
        self._start([SONGS], True, lambda change, path: not _is_of_editor(path), threading.Event())
        self.follow(())

    def follow(self, files: Iterable[str]) -> None:
        """Watch these files, and the config, from now on, instead of those before."""
        songs = os.path.join(os.path.realpath(SONGS), "")
        real = {os.path.realpath(file) for file in (CONFIG, *files)}
        # What is below songs/ is watched already: of two watches, the slower one would tell of a change once more.
        wanted = frozenset(file for file in real if not file.startswith(songs) or _is_of_editor(file))
        if wanted == self._files:
            return
        before = self._stop
        self._files, self._stop = wanted, threading.Event()
        # Editors put a new file in the place of the old one. So folders are watched, and those that are not there yet
        # by the first folder above them that is.
        folders = {str(next(p for p in Path(file).parents if p.is_dir())) for file in wanted}
        self._start(sorted(folders), False, lambda change, path: _is_one_of(path, wanted), self._stop)
        ending = threading.Timer(
            _OVERLAP_S, before.set
        )  # the new one has begun then: nothing is missed between them
        ending.daemon = True
        ending.start()

    def _start(
        self,
        folders: Collection[str],
        below: bool,
        wanted: Callable[[Change, str], bool],
        stop: threading.Event,
    ) -> None:
        watching = threading.Thread(target=self._watch, args=(folders, below, wanted, stop), daemon=True)
        watching.start()

    def _watch(
        self,
        folders: Collection[str],
        below: bool,
        wanted: Callable[[Change, str], bool],
        stop: threading.Event,
    ) -> None:
        for _ in watch(
            *folders, watch_filter=wanted, stop_event=stop, rust_timeout=_STOP_MS, recursive=below
        ):
            self.changed.set()


def source_files(target: str, results: str) -> list[str]:
    """The files that the song of a target is made from.

    If it has mistakes, which its build tells, they are those that were looked at until the mistakes were found: one of
    them may be at fault, such as a recording that is still being written.

    Parameters
    ----------
    target : str
        A file of the song.
    results : str
        The output root.
    """
    with (
        recorded([results]) as looked,
        suppress(StemwrightError, OSError, ValueError),
    ):  # the last: no song of this run
        return _files_of(target, results)
    return [path for path, state in looked.states.items() if not (state and stat.S_ISDIR(state[1]))]


def _files_of(target: str, results: str) -> list[str]:
    house = load_house(yaml.load(CONFIG).data, [CONFIG])
    homes = homes_above(Path(target).relative_to(results))
    (name,) = (home for home in homes if home in house.songs.names)
    plan = song_plan(name, house, results, lambda path: not os.path.exists(path))
    row = house.songs.rows.get(name)
    tables = [row.template.table.file] if row else []
    return [house.songs.file(name), *tables, *plan.source_files]


def _is_of_editor(path: str) -> bool:
    """Whether a file is one that an editor keeps beside the one that is edited."""
    name = os.path.basename(path)
    return name.startswith(".") or name.endswith(("~", ".swp", ".swx", ".tmp")) or name == "4913"


def _is_one_of(path: str, wanted: frozenset[str]) -> bool:
    """Whether a file, or a folder above one that is not there yet, is among those that are wanted."""
    real = os.path.realpath(path)
    return real in wanted or any(file.startswith(f"{real}{os.sep}") for file in wanted)
