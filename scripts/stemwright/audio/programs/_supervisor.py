"""The process between a job and a program that makes sound for it: `python -I -S _supervisor.py`.

However the job ends, even by SIGKILL, the program ends with it, with all processes that it has started, and its
temporary folder is removed. For that, the supervisor is in a session of its own; the end of its standard input tells it
that the job has ended; and, on Linux, every process that the program leaves behind becomes its child, in whatever
session (`PR_SET_CHILD_SUBREAPER`).

It writes the path of the folder, as a line of JSON, and reads a request, another one: `argv`, `limit` (the size of a
file, in bytes) and `timeout` in seconds. When the program has ended, it writes the answer: `status`, as `subprocess`
has it, or None if the time was up; or `errno`, if the program cannot be started. The folder stays until the job closes
the connection. What the program prints goes to the supervisor's stderr.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
_PATIENCE_S = 10.0  # for processes that the system does not let end
_REMOVE = 'chmod -R u+rwX "$1"; rm -rf "$1"'  # unlike Python's, at any depth


def main() -> None:
    """Serve one job."""
    try:
        folder = tempfile.mkdtemp(prefix="stemwright-")
    except OSError as error:
        _answer({"errno": error.errno, "file": tempfile.gettempdir()})
        return
    try:
        _answer({"folder": folder})
        if line := sys.stdin.buffer.readline():
            _answer(_run(folder, **json.loads(line)))
            _job_has_ended(None)
    finally:
        subprocess.run(["/bin/sh", "-c", _REMOVE, "sh", folder], stderr=subprocess.DEVNULL)


def _run(folder: str, argv: list[str], limit: int, timeout: float) -> dict[str, int | None]:
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,
            preexec_fn=lambda: _prepare(limit),
        )
    except OSError as error:
        return {"errno": error.errno}
    end = time.monotonic() + timeout
    while process.poll() is None and (left := end - time.monotonic()) > 0 and not _job_has_ended(left, awake):
        pass
    status = process.poll()
    _end_all(process)
    return {"status": status}


def _prepare(limit: int) -> None:
    """Called in the child process before it executes the program."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def _job_has_ended(seconds: float | None, *awake: int) -> bool:
    """Wait for the end of the job, or until a child ends. Whether the job has ended."""
    ready, _, _ = select.select([0, *awake], [], [], seconds)
    for descriptor in set(ready) - {0}:
        os.read(descriptor, 4096)
    return 0 in ready


def _end_all(process: subprocess.Popen) -> None:
    """End the program, and everything that it has left behind."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        for pid in _children():
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _children() -> list[int]:
    """The direct children. When these end, what they leave behind is next."""
    found = []
    for name in os.listdir("/proc") if sys.platform == "linux" else ():
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(name))
        except (OSError, ValueError):  # it is no process, or has just ended
            pass
    return found


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _answer(data: dict) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the job has ended
        os._exit(0)
