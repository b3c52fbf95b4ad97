"""Scripts of our rules run in forks of a process that has already imported their libraries.

Without it
    Snakemake starts a new Python for each script. The imports (Snakemake's part of a script, NumPy, soundfile) cost
    0.15 s of CPU, more than the work of many jobs. Here, one process does these imports (`_fork_server.py`), and each
    job is a fork of it (about 5 ms), isolated like any process. It is started when it is known or likely that there
    are jobs to run, while Snakemake plans on. A build is only slower without this patch.
Upstream
    None filed: it needs to know what the scripts import.
Touches
    `PythonScript.execute_script`, `DAG.update_needrun`; uses `ScriptBase.local_path` and `benchmarked`. Only for
    scripts in our folder `scripts/` that are run by our rules, on Linux. Jobs in a container, in an environment of
    their own or in a shadow folder start as usual.
Public way
    An executor plug-in would have to be an installed package, and chosen by `--executor`. It would also run all jobs of
    a host's rules.
Tried with
    Snakemake 9.27.0 and 9.27.1.
No longer needed when
    tests/snakemake_patches/test_forked_jobs.py::test_snakemake_starts_each_script_anew fails.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stemwright.snakemake_patches._ours import is_name_of_ours, is_ours, is_script_of_ours
from stemwright.snakemake_patches._patch import Patch, Replacement, Source

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

_SERVER = Path(__file__).with_name("_fork_server.py")
_LIBRARY = Path(__file__).resolve().parents[2]
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
WAS_KILLED = "the process that starts jobs could not start, or was killed: run again"
_MESSAGE = 1 << 16
_STOPS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


def _make_update(update_needrun: Callable) -> Callable:
    async def update(self, *args, **kwargs):
        await update_needrun(self, *args, **kwargs)
        workflow = self.workflow
        is_for_real = workflow.local_exec and not (workflow.dryrun or workflow.touch)
        if is_for_real and any(job.is_script and is_ours(job.rule) for job in self.needrun_jobs()):
            _server.start()

    return update


def expect_jobs(workflow: Workflow) -> None:
    """Say, while the rules are read, that there will be jobs: what they need is then imported on another core.

    Where it turns out that there are none, or that they run elsewhere, the process ends with this one.
    """
    if PATCH.is_in_use and workflow.is_main_process and not workflow.output_settings.dryrun:
        _server.start()


def _make_execute(execute_script: Callable) -> Callable:
    from snakemake.benchmark import benchmarked

    def execute(self, fname, edit=False):
        alone = self.conda_env or self.container_img or self.env_modules or self.shadow_dir
        if alone or not (
            self.is_local and is_script_of_ours(self.local_path) and is_name_of_ours(self.rulename)
        ):
            return execute_script(self, fname, edit=edit)
        with closing(_server.fork(fname, self.resources.get("tmpdir"))) as job, ExitStack() as measured:
            if self.bench_record is not None:
                with suppress(Exception):  # it has ended before it began, as after Ctrl-C: it says how
                    measured.enter_context(benchmarked(job.pid, self.bench_record))
            status = job.run()
        if status:
            raise subprocess.CalledProcessError(status, str(self.local_path))

    return execute


class _Server:
    """The process that is forked. It ends with this one."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process = None
        self._environment: dict[str, str] = {}

    def fork(self, script: str, tmpdir: str | None) -> _Job:
        """A new fork, for a script. Raises SubprocessError if there can be none, or the process dies before that."""
        ours, theirs = _socketpair()
        with self._lock, theirs:
            self._start()
            now = dict(os.environ)
            changed = {
                name: now.get(name)
                for name in self._environment.keys() | now.keys()
                if self._environment.get(name) != now.get(name)
            }
            job = {"script": script, "cwd": os.getcwd(), "tmpdir": tmpdir, "environment": changed}
            request = json.dumps(job).encode()
            with suppress(ConnectionError):  # it was killed just now: the job will report that
                socket.send_fds(self._requests, [request], [theirs.fileno(), 1, 2])  # and its output
        return _Job(ours)

    def start(self) -> None:
        """Start it, unless it runs: until it is needed, it imports what jobs need. That it cannot, the jobs report."""
        with self._lock, suppress(subprocess.SubprocessError):
            self._start()

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._requests, theirs = _socketpair()
        self._environment = dict(os.environ)
        with theirs, _without_stops():
            try:
                self._process = subprocess.Popen(
                    # -P: nothing is to be imported from this folder.
                    [sys.executable, "-P", _SERVER, str(theirs.fileno()), _LIBRARY],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={**self._environment, **dict.fromkeys(_THREADS, "1")},
                )
            except OSError as error:
                raise _no_process(error.errno or errno.EAGAIN) from error


_server = _Server()


def _no_process(number: int) -> subprocess.SubprocessError:
    """The error of a job for which no process can be started, from the number of the system's."""
    return subprocess.SubprocessError(
        f"no process could be started for this job ({os.strerror(number)}): run fewer jobs at once "
        "(snakemake --cores), or allow more processes (ulimit -u) or memory"
    )


@contextmanager
def _without_stops() -> Iterator[None]:
    """A process that is started inside does not get what ends a run until it allows it, however early that comes."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _socketpair() -> tuple[socket.socket, socket.socket]:
    """Both ends of a connection that preserves message boundaries."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class _Job:
    """One fork. It waits for `run`, so that it can be measured from its start."""

    def __init__(self, connection: socket.socket):
        self._connection = connection
        self.pid = self._number()
        if self.pid < 0:
            raise _no_process(-self.pid)

    def close(self) -> None:
        self._connection.close()

    def run(self) -> int:
        """Let it go on, and wait for its end. Returns the exit status as `subprocess` does: negative for a signal."""
        with suppress(ConnectionError):  # it has ended before, as after Ctrl-C
            self._connection.send(b"go")
        return self._number()

    def _number(self) -> int:
        for _ in range(2):  # that it has left something unread is told first, and once; then what it has sent
            with suppress(ConnectionResetError):
                if answer := self._connection.recv(_MESSAGE):
                    return int(answer)
        raise subprocess.SubprocessError(WAS_KILLED)


PATCH = Patch(
    name="forked_jobs",
    without="Builds take longer.",
    is_safe_without=True,
    replacements=(
        Replacement(
            "snakemake.script:PythonScript.execute_script", {"9.27.0": "76ce835794de1a36"}, _make_execute
        ),
        Replacement("snakemake.dag:DAG.update_needrun", {"9.27.0": "08942bcb98dd65ce"}, _make_update),
    ),
    depends_on=(
        Source("snakemake.script:ScriptBase.evaluate", {"9.27.0": "d789504c1aa8053f"}),
        Source("snakemake.benchmark:benchmarked", {"9.27.0": "98af1b5c9a38f2af"}),
    ),
    applies=lambda workflow: sys.platform == "linux" and (workflow.is_main_process or workflow.remote_exec),
)
