"""What is looked at while something is worked out: files, folders and programs, whether there or not.

What was worked out before can be used again if all of it is as it was (`stemwright.plan.remembered`). So that nothing
is left out, also of what somebody adds, nobody has to say what he looks at: while `recorded` is at work, Python's own
functions note it. What depends on more than files, such as the version of a program, is a fact, which is asked again
(`stemwright.base.facts`).
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, TypeVar

from stemwright.base.facts import find_fact, watch_facts
from stemwright.base.files import file_state

T = TypeVar("T")
State = list | None

_SMALL = 1 << 18
"""Up to this size in bytes, it is the content of a file that counts."""

_TICK_NS = 2_000_000_000
"""The coarsest step of the clocks of file systems (FAT): within it, two writes may have one time."""

_ASKING = ("stat", "lstat", "access")
"""The functions of `os` that look at a file and raise no audit event."""

_UNKNOWN = ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "socket.connect", "ctypes.dlopen")
"""Audit events of what cannot be compared later, unless it is asked as a fact."""

_LIBRARIES = tuple(
    os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_stat, _lstat = os.stat, os.lstat


class Recording:
    """What was looked at.

    Attributes
    ----------
    states : dict of str to State
        The state of each file and folder before it was looked at, by path.
    facts : list
        What was asked: (name, arguments, answer) of each.
    is_complete : bool
        Whether all was looked at in ways that can be compared later.
    """

    def __init__(self, ignored: Sequence[str]):
        self._ignored = (*_LIBRARIES, *(os.path.join(os.path.abspath(each), "") for each in ignored))
        self.states: dict[str, State] = {}
        self.facts: list[list] = []
        self.is_complete = True
        self._before: dict[str, Any] = {}

    def note(self, path: Any, is_listed: bool = False) -> None:
        """Note that somebody is about to look at a path."""
        try:
            path = os.fsdecode(path)
        except TypeError:  # the number of an open file
            return
        if path in self.states and not (is_listed and _is(self.states[path], "folder")):
            return
        if os.path.join(os.path.abspath(path), "").startswith(self._ignored):
            return
        self._before.setdefault(path, (_times(path), time.time_ns()))
        self.states[path] = state_of(path, is_listed)

    def ask(self, name: str, function: Callable[..., T]) -> Callable[..., T]:
        """The function, whose answers are noted as facts by this name."""

        @wraps(function)
        def asked(*arguments: Any) -> T:
            with unnoted():
                answer = function(*arguments)
            if [name, list(arguments), answer] not in self.facts:
                self.facts.append([name, list(arguments), answer])
            return answer

        return asked

    def is_settled(self) -> bool:
        """Whether all is as it was when it was looked at, and could not change again unnoticed."""
        return self.is_complete and all(
            _times(path) == before and not _is_fresh(self.states[path], at)
            for path, (before, at) in self._before.items()
            if not _is(self.states[path], "folder")
        )


def _times(path: str) -> tuple[int, ...] | None:
    try:
        return file_state(path)
    except ValueError:  # no file has such a name
        return None


def _is(state: State, kind: str) -> bool:
    return state is not None and state[0] == kind


def _is_fresh(state: State, looked_ns: int) -> bool:
    """Whether a file that is known by its times was written just before it was looked at."""
    return state is not None and state[0] == "file" and max(state[4:6]) > looked_ns - _TICK_NS


def state_of(path: str, is_listed: bool = False) -> State:
    """What is at a path, as plain data that is equal if it is the same.

    Of a folder that is listed, it is the names in it, and which of them are folders.
    """
    try:
        target = [os.readlink(path)] if stat.S_ISLNK(_lstat(path).st_mode) else []
        status = _stat(path)
    except (OSError, ValueError):
        return None
    return [*_seen(path, status, is_listed), *target]


def _seen(path: str, status: os.stat_result, is_listed: bool) -> list:
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        return ["names", mode, _digest_of_names(path)] if is_listed else ["folder", mode]
    if stat.S_ISREG(mode) and status.st_size <= _SMALL:
        return ["bytes", mode, _digest_of(path)]
    return ["file", mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _digest_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError as error:
        return f"cannot be read: {error.errno}"


def _digest_of_names(path: str) -> str:
    try:
        with os.scandir(path) as entries:
            names = sorted(entry.name + "/" * entry.is_dir() for entry in entries)
    except OSError as error:
        return f"cannot be read: {error.errno}"
    return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()


_active: list[Recording] = []
"""The recording at work, if any; none while it is paused."""


@contextmanager
def recorded(ignored: Sequence[str] = ()) -> Iterator[Recording]:
    """Note what is looked at inside, but for libraries and the folders `ignored`."""
    _listen()
    recording = Recording(ignored)
    before = {name: getattr(os, name) for name in _ASKING}
    for name, function in before.items():
        setattr(os, name, _noting(function))
    _active.append(recording)
    watch_facts(recording.ask)
    try:
        yield recording
    finally:
        _active.clear()
        watch_facts(None)
        for name, function in before.items():
            setattr(os, name, function)


def _noting(function: Callable) -> Callable:
    @wraps(function)
    def noting(path: Any, *arguments: Any, **options: Any) -> Any:
        _tell(lambda recording: recording.note(path))
        return function(path, *arguments, **options)

    return noting


@cache
def _listen() -> None:
    """Have Python tell of what is opened, listed and started. It can never be told to stop."""
    sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple) -> None:
    if not _active:
        return
    if event == "open":
        _tell(lambda recording: recording.note(arguments[0]))
    elif event in ("os.listdir", "os.scandir"):
        _tell(lambda recording: recording.note(arguments[0] or ".", is_listed=True))
    elif event in _UNKNOWN and arguments != (None,):  # to load the library None is to load none
        _active[0].is_complete = False


def _tell(say: Callable[[Recording], None]) -> None:
    if _active:
        recording = _active[0]
        with unnoted():
            say(recording)


@contextmanager
def unnoted() -> Iterator[None]:
    """Note nothing that is looked at inside."""
    recordings = list(_active)
    _active.clear()
    try:
        yield
    finally:
        _active.extend(recordings)


def is_as_it_was(states: Mapping[str, State], facts: Sequence, questions: Mapping[str, Callable]) -> bool:
    """Whether all that was looked at is as it was.

    Parameters
    ----------
    states, facts
        As in a `Recording`.
    questions : mapping of str to callable
        What answers facts that are not those of a function of ours, by name.

    Returns
    -------
    bool
    """
    return all(state_of(path, _is(state, "names")) == state for path, state in states.items()) and all(
        (questions.get(name) or find_fact(name))(*arguments) == answer for name, arguments, answer in facts
    )
