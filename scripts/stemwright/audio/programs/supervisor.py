"""The job's side of the process that runs a program for it, see `_supervisor`."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from stemwright.base.errors import StemwrightError

_SUPERVISOR = str(Path(__file__).with_name("_supervisor.py"))
_MAX_REPORTED = 1_000  # characters of the program's output in an error message
_MAX_LOGGED = 200_000  # bytes of it in the log


class Supervisor:
    """The process that runs one program, for use in a `with` statement. On exit, its folder is gone.

    Attributes
    ----------
    folder : str
        The folder that the program runs in.
    given : str
        The path of a file in it that the job may put there before: its size is not bounded.
    """

    def __enter__(self) -> Supervisor:
        self._printed = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _SUPERVISOR],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            start_new_session=True,  # what ends the job, or all of its group, does not end this
        )
        answer = self._read() or {"errno": errno.ECHILD, "file": _SUPERVISOR}
        if "errno" in answer:
            self.__exit__()
            raise OSError(answer["errno"], os.strerror(answer["errno"]), answer["file"])
        self.folder: str = answer["folder"]
        self.given = os.path.join(self.folder, "input.wav")
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]
        self._printed.close()

    def run(self, argv: list[str], limit_mb: int, timeout_s: float, program: str) -> str:
        """Run the program, end all processes that it started, and copy its output to the log.

        Parameters
        ----------
        argv : list of str
            The program and its arguments.
        limit_mb : int
            The size of any file that it writes, in MB.
        timeout_s : float
            How long it may run, in s.
        program : str
            Its name in messages.

        Returns
        -------
        str
            Its output, or the end of much.

        Raises
        ------
        StemwrightError
            If the program cannot be started or fails.
        """
        limit = limit_mb * 1_000_000
        answer = self._ask({"argv": argv, "limit": limit, "timeout": timeout_s})
        if answer is None:
            raise StemwrightError(f"{program}: was ended, as the process that watches it was: run again")
        if answer.get("errno") == errno.ENOENT:
            raise StemwrightError(f"{program}: program not found: install it, or give its path")
        if "errno" in answer:
            raise StemwrightError(f"{program}: cannot be started: {os.strerror(answer['errno'])}")
        status, text = answer["status"], _read_end(self._printed)
        print(text, end="" if text.endswith("\n") else "\n", flush=True)
        if status is None:
            what = f"did not end within timeout_s, {timeout_s:g} s, and was stopped"
        elif self._has_file_of(limit):
            what = f"wrote more than limit_mb, {limit_mb:,} MB, into one file"
        elif status < 0:
            what = f"was ended by {signal.Signals(-status).name}"
        elif status:
            what = f"failed with exit status {status}"
        else:
            return text
        raise StemwrightError(f"{program}: {what}{quote_end(text)}")

    def _ask(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """Send a request, see `_supervisor`. Returns the answer; None if the supervisor was ended."""
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        return self._read()

    def _read(self) -> dict[str, Any] | None:
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        return json.loads(line) if line else None

    def _has_file_of(self, size: int) -> bool:
        """Whether a file that the program wrote, or its output, has at least so many bytes."""
        # Unlike os.walk, `find` reaches any depth.
        found = subprocess.run(
            ["find", self.folder, "-type", "f", "-size", f"+{size - 1}c", "!", "-path", self.given],
            capture_output=True,
            check=False,
        )
        return bool(found.stdout) or os.fstat(self._printed.fileno()).st_size >= size


def _read_end(printed: BinaryIO) -> str:
    """The end of a program's output, as text; at most _MAX_LOGGED bytes."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - _MAX_LOGGED))
    text = printed.read().decode("utf-8", "replace")
    return text if size <= _MAX_LOGGED else f"[{size - _MAX_LOGGED:,} bytes before this]\n{text}"


def quote_end(printed: str) -> str:
    """The last lines of a program's output, for an error message; empty without output."""
    lines = [line for line in printed[-_MAX_REPORTED:].splitlines() if line.strip()][-10:]
    return ". Its last output:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""
