"""Warm starts: the scripts of our rules run in forks of one process that has loaded what they import.

Snakemake starts a new Python for each script. Importing Snakemake's half of it, NumPy and soundfile costs 0.15 s
of CPU, more than the work of many a job. Here the first script of a build starts one process that imports them
once; each job is a fork of it (some 5 ms), as alone in its process as before. Jobs in a container, in an
environment of their own, with more than one thread, of other workflows, or sent to a cluster start as ever.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import traceback
from contextlib import closing, suppress
from functools import cache, wraps
from pathlib import Path

_SCRIPTS = Path(__file__).resolve().parents[1]
_LOADED = (
    "ctypes",
    "snakemake.iocontainers",
    "snakemake.logging",
    "numpy",
    "scipy",
    "soundfile",
    "stemwright.audio",
    "stemwright.audio.biquads",
    "stemwright.gates",
    "stemwright.workflow.job",
    "stemwright.measure.loudness",
    "stemwright.sources",
)
"""What nearly every job imports. Nothing that starts threads of its own, as a fork would lose them."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_MESSAGE = 1 << 16


# In Snakemake's process


@cache
def keep() -> None:
    """Have Snakemake run our scripts in forks (on Linux). Calling it again changes nothing."""
    if sys.platform != "linux":
        return
    from snakemake.benchmark import benchmarked
    from snakemake.script import PythonScript

    cold, server = PythonScript.execute_script, _Server()

    @wraps(cold)
    def execute(self, fname, edit=False):
        alone = (
            self.conda_env or self.container_img or self.env_modules or self.shadow_dir or self.threads != 1
        )
        if alone or not self.is_local or Path(self.local_path).resolve().parent != _SCRIPTS:
            return cold(self, fname, edit=edit)
        job = server.fork(fname, self.resources.get("tmpdir"))
        # A pid of False is how to say that nothing is to be measured.
        with closing(job), benchmarked(self.bench_record is not None and job.pid, self.bench_record):
            status = job.run()
        if status:
            raise subprocess.CalledProcessError(status, str(self.local_path))

    PythonScript.execute_script = execute


class _Server:
    """The process that is forked, started when first needed. It ends with this one."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = None

    def fork(self, script: str, tmpdir: str | None) -> _Job:
        """Raises SubprocessError if that process dies before it has forked."""
        ours, theirs = _socketpair()
        request = json.dumps({"script": script, "cwd": os.getcwd(), "tmpdir": tmpdir}).encode()
        with self._lock, theirs:
            if self._process is None or self._process.poll() is not None:
                self._start()
            with suppress(BrokenPipeError):  # killed just now: the job will say so
                socket.send_fds(self._requests, [request], [theirs.fileno()])
        return _Job(ours)

    def _start(self) -> None:
        self._requests, theirs = _socketpair()
        with theirs:
            main = f"from stemwright.warm import serve; serve({theirs.fileno()})"
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(_SCRIPTS)!r}); {main}"],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **dict.fromkeys(_THREADS, "1")},
            )


def _socketpair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection that keeps messages apart."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class _Job:
    """One fork: it waits to be told to run, so that it can be watched from its start."""

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self.pid = self._number()

    def close(self) -> None:
        self._connection.close()

    def run(self) -> int:
        """Let it go, and wait for it. The answer is its exit status, as of `subprocess`: negative for a signal."""
        self._connection.send(b"go")
        return self._number()

    def _number(self) -> int:
        if answer := self._connection.recv(_MESSAGE):
            return int(answer)
        raise subprocess.SubprocessError(
            "the process that starts jobs could not start, or was killed: run again"
        )


# In the process that is forked


def serve(descriptor: int) -> None:
    """Fork a child for each request that comes by the socket, until the other side is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the jobs, too: theirs to heed
    for module in _LOADED:
        importlib.import_module(module)
    gc.freeze()
    requests, jobs = socket.socket(fileno=descriptor), {}
    awake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([requests, awake], [], [])
        if awake in ready:
            os.read(awake, _MESSAGE)
            _tell_ended(jobs)
        if requests in ready:
            request, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE, 1)
            if not request:
                return
            connection = socket.socket(fileno=descriptors[0])
            pid = os.fork()
            if pid == 0:
                for held in (requests, *jobs.values()):
                    held.close()
                _child(connection, json.loads(request))
            jobs[pid] = connection
            connection.send(b"%d" % pid)


def _tell_ended(jobs: dict[int, socket.socket]) -> None:
    """Send the exit statuses of the jobs that have ended, and forget them."""
    while jobs:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with jobs.pop(pid) as connection:
            connection.send(b"%d" % os.waitstatus_to_exitcode(status))


def _child(connection: socket.socket, request: dict) -> None:
    """Run a script as a new Python would, and never return."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(request["cwd"])
        if request["tmpdir"]:
            os.environ["TMPDIR"] = request["tmpdir"]
        if connection.recv(_MESSAGE):
            connection.close()
            sys.argv = [request["script"]]
            runpy.run_path(request["script"], run_name="__main__")
            status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)
