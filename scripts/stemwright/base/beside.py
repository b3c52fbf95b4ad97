"""Work that is done by a fork of this process, while this one goes on.

Threads are no way to use a second core for what calls NumPy for short stretches: each call waits for the interpreter
lock, and two threads took as long as one after the other (checks of a mix: 0.19 s; with a fork: 0.13 s).
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_Result = TypeVar("_Result")


class Beside(Generic[_Result]):
    """The result of a function without parameters, on which a fork of this process works from now on.

    What fails there is done here once more, and fails here: an error, a result that cannot be pickled, a fork that was
    killed. Where it is not Linux, or no process can be started, all is done here, when the result is asked for.
    """

    def __init__(self, function: Callable[[], _Result]):
        self._function = function
        self._pid = 0
        if sys.platform != "linux":
            return
        parent = os.getpid()
        self._results, theirs = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._results)
        else:
            if self._pid == 0:
                _work(function, theirs, parent)
        os.close(theirs)

    def result(self) -> _Result:
        """What the function returns, once it has. Raises what it raises."""
        sent = b""
        if self._pid:
            with open(self._results, "rb", closefd=False) as file:
                sent = file.read()
            self.stop()
        return pickle.loads(sent) if sent else self._function()

    def stop(self) -> None:
        """End the fork, if it is still at work: its result is not asked for any more."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            os.close(self._results)
            self._pid = 0


def end_with_parent() -> None:
    """Have this process killed when the one that forked or started it ends. Linux only; elsewhere, nothing is done."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _work(function: Callable, results: int, parent: int) -> None:
    """Send what a function returns. Does not return."""
    try:
        end_with_parent()
        if os.getppid() == parent:
            sent = pickle.dumps(function())
            with open(results, "wb") as file:
                file.write(sent)
    finally:  # whatever happened: nothing more is sent
        os._exit(0)
