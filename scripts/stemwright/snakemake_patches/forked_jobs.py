"""Scripts of our rules run in forks of one process that has loaded what they import.

Without it
    Snakemake starts a new Python for each script. Importing Snakemake's half of it, NumPy and soundfile costs 0.15 s of
    CPU, more than the work of many a job. Here the first script of a build starts one process that imports them once
    (`_fork_server.py`); each job is a fork of it (some 5 ms), as alone in its process as before. It is only slower
    without it.
Upstream
    None filed: to do so for any script, what it imports would have to be known.
Touches
    `PythonScript.execute_script`, `ScriptBase.local_path`, `benchmarked`; for scripts in our folder `scripts/`, run by
    rules of ours, on Linux. Jobs in a container, in an environment of their own, in a shadow folder, with more than one
    thread, or sent to a cluster start as ever. (The public way, an executor plug-in, would have to be installed as a
    package and chosen by `--executor`, and would run all jobs of a host's rules, too.)
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_forked_jobs.py::test_snakemake_starts_each_script_anew fails.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from stemwright.snakemake_patches._ours import is_name_of_ours, is_script_of_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

_SERVER = Path(__file__).with_name("_fork_server.py")
_LIBRARY = Path(__file__).resolve().parents[2]
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_MESSAGE = 1 << 16


def _make_execute(execute_script: Callable) -> Callable:
    from snakemake.benchmark import benchmarked

    server = _Server()

    def execute(self, fname, edit=False):
        alone = (
            self.conda_env or self.container_img or self.env_modules or self.shadow_dir or self.threads != 1
        )
        if alone or not (
            self.is_local and is_script_of_ours(self.local_path) and is_name_of_ours(self.rulename)
        ):
            return execute_script(self, fname, edit=edit)
        job = server.fork(fname, self.resources.get("tmpdir"))
        # A pid of False is how to say that nothing is to be measured.
        with closing(job), benchmarked(self.bench_record is not None and job.pid, self.bench_record):
            status = job.run()
        if status:
            raise subprocess.CalledProcessError(status, str(self.local_path))

    return execute


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
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    _SERVER,
                    str(theirs.fileno()),
                    _LIBRARY,
                ],  # -P: this folder is no place for imports
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


PATCH = Patch(
    name="forked_jobs",
    without="Builds take longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.script:PythonScript.execute_script", {"9.27.0": "76ce835794de1a36"}, _make_execute
        ),
    ),
    depends_on=(
        Source("snakemake.script:ScriptBase.evaluate", {"9.27.0": "d789504c1aa8053f"}),
        Source("snakemake.benchmark:benchmarked", {"9.27.0": "98af1b5c9a38f2af"}),
    ),
    applies=lambda workflow: sys.platform == "linux" and workflow.is_main_process,
)
