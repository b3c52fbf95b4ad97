"""Snakemake run in forks of one process that has imported its libraries.

The imports cost most of the CPU time of a short run. A fork runs Snakemake's own `main`, with arguments, environment,
folder, limits and output of its own, as a new process would. Nothing of ours is imported before the fork, unless a
copy of our code is `settled`: then what parses and plans its songs is. What patches Snakemake never is.
As a program (`snakemake_forks.py SOCKET [SCRIPTS]`), this is the process that is forked.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

SNAKEMAKE = Path(sys.executable).with_name("snakemake")
LIBRARIES = (
    "snakemake.cli",
    "snakemake.report.html_reporter",
    "snakemake.executors.local",
    "snakemake.script",
    "snakemake.benchmark",
    "snakemake.persistence.file",
    "smart_open",
    "requests",
    "jinja2",
    "numpy",
    "scipy.signal",
    "scipy.interpolate",
    "pydantic.dataclasses",
    "soundfile",
    "yaml",
)
OURS = ("stemwright.song.house", "stemwright.song.load", "stemwright.plan.jobs")
ONLY_AT_START = ("PYTHON", "LD_")
"""What the names of variables begin with that act when a program starts: they need a new process."""
AT_START = dict(os.environ)
LIMITS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
_MESSAGE = 1 << 18
_settled = set()


def settle(code):
    """From now on, no file of this copy of our code is changed: it is imported once for all runs of it."""
    _settled.add(code / "Snakefile")


def start(args, cwd, env, output=subprocess.PIPE, own_group=False, under=()):
    """Start `snakemake ARGS`, perhaps under another command, as `subprocess.Popen` would.

    All that it says goes to `output`, an open file or a pipe. The result has of `Popen`: `pid`, `poll()`, `wait()`,
    `communicate()`, `send_signal()`, `kill()` and `returncode`.
    """
    command = [*under, SNAKEMAKE, *args]
    if under or any(name.startswith(ONLY_AT_START) and env[name] != AT_START.get(name, "") for name in env):
        return subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=own_group,
        )
    request = {
        "command": list(map(str, command)),
        "cwd": str(cwd),
        "env": env,
        "own_group": own_group,
        "limits": [resource.getrlimit(limit) for limit in LIMITS],
    }
    said = None
    if output == subprocess.PIPE:
        read, write = os.pipe()
        said, output = open(read, errors="replace"), open(write, "wb")  # noqa: SIM115
    connection, theirs = _socketpair()
    settled = _settled.intersection(args)
    with theirs:
        socket.send_fds(_server(*settled), [json.dumps(request).encode()], [theirs.fileno(), output.fileno()])
    if said:
        output.close()
    return Fork(connection, said)


def _socketpair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


@cache
def _server(*settled):
    """The connection to the process that is forked, perhaps for one Snakefile. That process ends with this one."""
    ours, theirs = _socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _MESSAGE)
    with theirs:
        subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno()), *(file.parent / "scripts" for file in settled)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return ours


class Fork:
    """A running Snakemake."""

    def __init__(self, connection, said):
        self._connection = connection
        self._said = said
        self.returncode = None
        self.pid = self._number(60)

    def poll(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout=None):
        if self.returncode is None:
            self.returncode = self._number(timeout)
            self._connection.close()
        return self.returncode

    def communicate(self, timeout):
        """What it says until it has ended, and all that it started and that writes to the same pipe."""
        late = threading.Timer(timeout, self.kill)
        late.start()
        with self._said:
            text = self._said.read()
        late.cancel()
        self.wait(timeout)
        return text, None

    def send_signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def _number(self, timeout):
        ready, _, _ = select.select([self._connection], [], [], timeout)
        if not ready:
            raise subprocess.TimeoutExpired("snakemake", timeout)
        return int(self._connection.recv(_MESSAGE))


def _serve(requests, scripts):
    sys.path[:0] = scripts
    for library in (*LIBRARIES, *(OURS if scripts else ())):
        importlib.import_module(library)
    del sys.path[: len(scripts)]
    sys.modules["snakemake.cli"].get_argument_parser()  # looks for plug-ins in all that is installed
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes that watch
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE, 2)
        if not message:
            return
        if os.fork() == 0:
            requests.close()
            _watch(json.loads(message), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(request, connection, output):
    """Fork Snakemake, report its number and how it ends. A process between, as only a parent can wait."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with socket.socket(fileno=connection) as answers:
        pid = os.fork()
        if pid == 0:
            answers.close()
            _snakemake(request, output)
        os.close(output)
        answers.send(b"%d" % pid)
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(OSError):  # nobody is there who wants to know
            answers.send(b"%d" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _snakemake(request, output):
    """Be Snakemake. Does not return: Python ends as always."""
    if request["own_group"]:
        os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    for limit, values in zip(LIMITS, request["limits"], strict=True):
        resource.setrlimit(limit, values)
    time.tzset()
    sys.argv = request["command"]
    sys.path[0] = str(SNAKEMAKE.parent)
    sys.modules["snakemake.cli"].main()
    sys.exit()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
