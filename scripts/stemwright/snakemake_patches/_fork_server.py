"""The process that is forked for each job: `python -P _fork_server.py SOCKET LIBRARY`, started by `forked_jobs`.

SOCKET is the number of an open socket for requests, LIBRARY the folder that contains our library. Of Snakemake, it
imports only what scripts need.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress

_LOADED = (
    "ctypes",
    "snakemake.io",
    "snakemake.iocontainers",
    "snakemake.logging",
    "numpy",
    "numpy.random",
    "scipy",
    "soundfile",
    "xxhash",
    "stemwright.audio",
    "stemwright.audio.biquads",
    "stemwright.audio.placed_file",
    "stemwright.gates",
    *(
        f"stemwright.gates.{name}"
        for name in ("container", "dc", "finite", "format", "frames", "silence", "stereo")
    ),
    "stemwright.mixing.faders",
    "stemwright.workflow.job",
    "stemwright.measure.loudness",
    "stemwright.sources",
)
"""What nearly every job imports, or every second. Nothing that starts threads, as a fork would lose them."""

_LATER = (
    "numpy.fft",
    "concurrent.futures.thread",
    "stemwright.effects",
    "stemwright.effects._butterworth",
    *(
        f"stemwright.gates.{name}"
        for name in ("bandwidth", "click", "dropout", "null_test", "duplicate", "loudness", "true_peak")
    ),
    "stemwright.mixing.sums",
    "stemwright.mixing.master",
    *(
        f"stemwright.gates.{name}"
        for name in ("balance", "clipping", "edges", "mono_fold_down", "plr", "rms")
    ),
    *(f"stemwright.gates.{name}" for name in ("loudness_range", "momentary", "short_term", "noise_floor")),
    "stemwright.audio.encoders.wav",
    "stemwright.delivery.encoding",
    "stemwright.delivery.metadata",
    "stemwright.delivery.zip_writer",
    "stemwright.delivery.client_readme",
    "stemwright.gates.archive",
)
"""What the jobs behind a mix import, and others. It is imported while no job is asked for."""

_MESSAGE = 1 << 16
_OUTPUTS = 1, 2  # standard output and standard error
_STOPS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
)  # what ends a run; it may be sent to all of its processes


def serve(descriptor: int) -> None:
    """Fork a child for each request on the socket with this number, until the other end is closed."""
    # Jobs end by them, and this process tells how they have ended.
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in _STOPS}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)  # blocked by who has started this process
    requests = socket.socket(fileno=descriptor)
    gone = select.poll()
    gone.register(requests, 0)  # only that the other end is closed
    for module in _LOADED:
        importlib.import_module(module)
        # The run has ended without a job, and who reads what it prints waits for this process.
        if gone.poll(0):
            return
    gc.freeze()
    later = list(_LATER)
    jobs: dict[int, socket.socket] = {}
    awake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([requests.fileno(), awake], [], [], 0 if later else None)
        if not ready:
            with suppress(Exception):  # a job that imports it, too, will report that
                importlib.import_module(later.pop(0))
            gc.freeze()
        if awake in ready:
            os.read(awake, _MESSAGE)
            _report_ended(jobs)
        if requests.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE, 1 + len(_OUTPUTS))
            if not request:
                return
            connection = socket.socket(fileno=descriptors[0])
            # What a job says goes where Snakemake's own output goes by now: it may be redirected while it runs.
            for output, number in zip(descriptors[1:], _OUTPUTS, strict=True):
                os.dup2(output, number)
                os.close(output)
            job = json.loads(request)
            if location := job["environment"].get("STEMWRIGHT_CACHE"):
                importlib.import_module("stemwright.workflow.cache.jobs").load(location)
            pid = _fork()
            if pid == 0:
                for held in (requests, *jobs.values()):
                    held.close()
                _child(connection, job, handlers)
            if pid > 0:
                jobs[pid] = connection
            with suppress(ConnectionError):  # the run was killed just now
                connection.send(b"%d" % pid)


def _fork() -> int:
    """As `os.fork`; if the system allows no more processes, minus the number of the error."""
    try:
        return os.fork()
    except OSError as error:
        return -(error.errno or errno.EAGAIN)


def _report_ended(jobs: dict[int, socket.socket]) -> None:
    """Send the exit statuses of jobs that have ended. Those that have succeeded have said so already."""
    while jobs:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with jobs.pop(pid) as connection, suppress(OSError):
            connection.send(b"%d" % os.waitstatus_to_exitcode(status))


def _child(connection: socket.socket, request: dict, handlers: dict) -> None:
    """Run a script as a new Python would, with its handlers of signals. Does not return."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        os.chdir(request["cwd"])
        for name, value in request["environment"].items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if request["tmpdir"]:
            os.environ["TMPDIR"] = request["tmpdir"]
        if _is_wanted(connection):
            sys.argv = [request["script"]]
            runpy.run_path(request["script"], run_name="__main__")
            status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except KeyboardInterrupt:  # the run tells of it
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            # The next job need not wait until the system has taken apart the memory of this one.
            if status == 0:
                with suppress(OSError):
                    connection.send(b"0")
            os._exit(status)


def _is_wanted(connection: socket.socket) -> bool:
    """Wait until the job is to begin. Not if the run has ended before."""
    with suppress(ConnectionError):
        return bool(connection.recv(_MESSAGE))
    return False


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[2])
    serve(int(sys.argv[1]))
    os._exit(0)  # nothing is left to be done, and who reads what the run prints waits for it
