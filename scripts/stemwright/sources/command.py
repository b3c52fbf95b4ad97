"""Any program that writes an audio file: Csound, SuperCollider, Faust, sox, a script."""

from __future__ import annotations

import os
import shlex
import signal
import string
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Annotated, BinaryIO

from stemwright.audio import Stream
from stemwright.base.errors import StemwrightError
from stemwright.music.component import role
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source
from stemwright.sources.audio import Audio
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_name

_PLACEHOLDERS = ("output", "rate", "channels", "seconds")
_SHELL = "/bin/sh"
_MAX_REPORTED = 1_000  # characters of the program's output in an error message
_MAX_LOGGED = 200_000  # bytes of it in the log


def _parse_argument(text: object) -> list[tuple[str, str | None, str]]:
    """Split an argument into (text, placeholder after it or None, name of the input if it is `input`).

    Raises ValueError for unknown placeholders and unbalanced braces.
    """
    if not isinstance(text, str) or "\0" in text:
        raise ValueError(f"must be text (is {text!r})")
    try:
        found = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(
            f"must have {{{{ and }}}} for braces that are not placeholders: {error} (is {text!r})"
        ) from None
    for _, name, form, conversion in found:
        valid = bool(form) == (name == "input") and name in (*_PLACEHOLDERS, "input") and not conversion
        if name is not None and not valid:
            known = ", ".join(f"{{{known}}}" for known in (*_PLACEHOLDERS, "input:NAME"))
            raise ValueError(f"must use only {known}, and {{{{ and }}}} for other braces (is {text!r})")
    return [(literal, name, form or "") for literal, name, form, _ in found]


@dataclass(frozen=True)
class Command(Source):
    """The audio file that a program writes to `{output}`, in any format and sample rate that `audio` reads; it starts
    with the song. The program runs in an empty folder, without a shell; its output goes to the job's log. It is run
    again when its arguments or the contents of its inputs change. Stemwright does not know of anything else that it
    reads: list all such files, scripts too, under `inputs`. The same inputs must give the same sound: use fixed seeds.
    """

    example = """
    argv: [sox, -R, "{input:hum}", -r, "{rate}", "{output}", trim, "0", "{seconds}", lowpass, "800"]
    inputs: {hum: loops/shaker.wav}"""

    argv: Annotated[
        list[
            Annotated[
                str,
                Field(
                    "Braces that are not placeholders are doubled: {{ and }}.",
                    parse=_parse_argument,
                ),
            ]
        ],
        Field(
            "The program and its arguments. {output} is the path to write to, {input:NAME} that of an input; "
            "{rate} (Hz), {channels} and {seconds} are the song's. A program without a / is searched for in PATH.",
            min_length=1,
        ),
    ]
    inputs: Annotated[
        dict[
            Annotated[str, Field("The name of an input.", parse=parse_name)],
            Annotated[str, Field("A path.", min_length=1)],
        ],
        Field("The files it reads, by name: paths from the working directory; absolute and ~ work too."),
    ] = field(default_factory=dict)
    shell: Annotated[bool, Field("Join the arguments with spaces and run them with /bin/sh.")] = False
    timeout_s: Annotated[float, Field("Maximum run time.", "s", gt=0, le=86_400)] = 600.0
    limit_mb: Annotated[int, Field("Maximum size of any file that it writes.", "MB", ge=1, le=100_000)] = (
        2_000
    )

    def __post_init__(self) -> None:
        used = [(name, form) for text in self.argv for _, name, form in _parse_argument(text)]
        if ("output", "") not in used:
            raise ValueError("argv must say where to write: {output}")
        for name, form in used:
            if name == "input" and form not in self.inputs:
                raise ValueError(f"argv uses {{input:{form}}}, which is not among the inputs")

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("inputs", name), path) for name, path in self.inputs.items()]

    def render(self, context: RenderContext) -> Stream:
        with _empty_folder() as folder:
            output = os.path.join(folder, "output.wav")
            arguments = self._arguments(context, output)
            program = arguments[0]
            printed = self._run(
                [_SHELL, "-c", " ".join(arguments)] if self.shell else arguments, program, folder
            )
            try:
                yield from Audio("output.wav").render(replace(context, files={"file": output}))
            except StemwrightError as error:
                found = str(error).replace(f"{folder}/", "")
                if not os.path.lexists(output):
                    found = "it succeeded, but did not write {output}"
                raise StemwrightError(f"{program}: {found}{_quote_end(printed)}") from None

    def _arguments(self, context: RenderContext, output: str) -> list[str]:
        """The arguments with all placeholders replaced."""
        values = {
            ("output", ""): output,
            ("rate", ""): str(context.rate),
            ("channels", ""): str(context.channels),
            ("seconds", ""): f"{context.frames / context.rate:.9f}".rstrip("0").rstrip("."),
        }
        for name in self.inputs:
            values["input", name] = os.path.abspath(context.files[role(("inputs", name))])
        if self.shell:
            values = {place: shlex.quote(value) for place, value in values.items()}
        arguments = [
            "".join(text + (values[name, form] if name else "") for text, name, form in _parse_argument(word))
            for word in self.argv
        ]
        if (
            not self.shell and "/" in arguments[0]
        ):  # relative to the working directory, not to the program's folder
            arguments[0] = os.path.abspath(os.path.expanduser(arguments[0]))
        return arguments

    def _run(self, arguments: list[str], program: str, folder: str) -> str:
        """Run the program, end all processes that it started, and copy its output to the log.

        Returns the end of the output. Raises StemwrightError if the program cannot be started or fails.
        """
        with tempfile.TemporaryFile() as printed, _exit_on_sigterm():
            try:
                process = subprocess.Popen(
                    arguments,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=printed,
                    start_new_session=True,
                    preexec_fn=self._limit_file_size,
                )
            except FileNotFoundError:
                raise StemwrightError(f"{program}: program not found: install it, or give its path") from None
            except OSError as error:
                raise StemwrightError(f"{program}: cannot be started: {error.strerror}") from None
            status = None
            try:
                status = process.wait(self.timeout_s)
            except subprocess.TimeoutExpired:
                pass
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            text, too_large = _read_end(printed), self._exceeds_limit(printed, folder)
        print(text, end="" if text.endswith("\n") else "\n", flush=True)
        if status is None:
            what = f"did not end within timeout_s, {self.timeout_s:g} s, and was stopped"
        elif too_large:
            what = f"wrote more than limit_mb, {self.limit_mb:,} MB, into one file"
        elif status < 0:
            what = f"was ended by {signal.Signals(-status).name}"
        elif status:
            what = f"failed with exit status {status}"
        else:
            return text
        raise StemwrightError(f"{program}: {what}{_quote_end(text)}")

    def _exceeds_limit(self, printed: BinaryIO, folder: str) -> bool:
        """Whether its output, or any file that it wrote, has reached the limit."""
        limit, pending = self.limit_mb * 1_000_000, [folder]
        while pending:
            with suppress(OSError), os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.stat(follow_symlinks=False).st_size >= limit:
                        return True
        return os.fstat(printed.fileno()).st_size >= limit

    def _limit_file_size(self) -> None:
        """Limit the size of files; called in the child process before it executes the program."""
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        limit = self.limit_mb * 1_000_000
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@contextmanager
def _empty_folder() -> Iterator[str]:
    """A temporary folder, removed with all in it, however deep it is: Python's own removal fails at 1,000 levels."""
    with tempfile.TemporaryDirectory(prefix="stemwright-", ignore_cleanup_errors=True) as above:
        folder = os.path.join(above, "run")
        os.mkdir(folder)
        try:
            yield folder
        finally:
            _flatten(above)


def _flatten(above: str) -> None:
    """Move every folder below `above`, at whatever depth, directly into it."""
    pending, number = [above], 0
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    flat, number = os.path.join(above, str(number)), number + 1
                    with suppress(OSError):
                        os.chmod(entry.path, 0o700)
                        os.rename(entry.path, flat)
                        pending.append(flat)


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Within this context, SIGTERM raises SystemExit, so that the program is ended and its folder removed.

    The program runs in a session of its own and does not receive the signal itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _read_end(printed: BinaryIO) -> str:
    """The end of a program's output, as text; at most _MAX_LOGGED bytes."""
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - _MAX_LOGGED))
    text = printed.read().decode("utf-8", "replace")
    return text if size <= _MAX_LOGGED else f"[{size - _MAX_LOGGED:,} bytes before this]\n{text}"


def _quote_end(printed: str) -> str:
    """The last lines of a program's output, for an error message; empty without output."""
    lines = [line for line in printed[-_MAX_REPORTED:].splitlines() if line.strip()][-10:]
    return ". Its last output:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""
