"""Any program that writes an audio file: Csound, SuperCollider, Faust, sox, a script."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import signal
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO

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
_SUPERVISOR = str(Path(__file__).with_name("_supervisor.py"))
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

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        program = "".join(text for text, _, _ in _parse_argument(self.argv[0]))
        if self.shell or any(name for _, name, _ in _parse_argument(self.argv[0])):
            return  # a line for the shell, or a file among the inputs
        if not shutil.which(os.path.expanduser(program) if "/" in program else program):
            where = "that may be executed" if "/" in program else "in PATH"
            yield ("argv", 0), f"there is no program {program!r} {where} here: install it, or give its path"

    def render(self, context: RenderContext) -> Stream:
        with _Supervisor() as supervisor:
            output = os.path.join(supervisor.folder, "output.wav")
            arguments = self._arguments(context, output)
            program = arguments[0]
            printed = self._run(
                supervisor, [_SHELL, "-c", " ".join(arguments)] if self.shell else arguments, program
            )
            try:
                yield from Audio("output.wav").render(replace(context, files={"file": output}))
            except StemwrightError as error:
                found = str(error).replace(f"{supervisor.folder}/", "")
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

    def _run(self, supervisor: _Supervisor, arguments: list[str], program: str) -> str:
        """Run the program, end all processes that it started, and copy its output to the log.

        Returns the end of the output. Raises StemwrightError if the program cannot be started or fails.
        """
        limit = self.limit_mb * 1_000_000
        answer = supervisor.run(arguments, limit, self.timeout_s)
        if answer is None:
            raise StemwrightError(f"{program}: was ended, as the process that watches it was: run again")
        if answer.get("errno") == errno.ENOENT:
            raise StemwrightError(f"{program}: program not found: install it, or give its path")
        if "errno" in answer:
            raise StemwrightError(f"{program}: cannot be started: {os.strerror(answer['errno'])}")
        status, text = answer["status"], _read_end(supervisor.printed)
        print(text, end="" if text.endswith("\n") else "\n", flush=True)
        if status is None:
            what = f"did not end within timeout_s, {self.timeout_s:g} s, and was stopped"
        elif supervisor.has_file_of(limit):
            what = f"wrote more than limit_mb, {self.limit_mb:,} MB, into one file"
        elif status < 0:
            what = f"was ended by {signal.Signals(-status).name}"
        elif status:
            what = f"failed with exit status {status}"
        else:
            return text
        raise StemwrightError(f"{program}: {what}{_quote_end(text)}")


class _Supervisor:
    """The process that runs the program, see `_supervisor`. On exit, its folder is gone.

    Attributes
    ----------
    folder : str
        The folder that the program runs in.
    printed : binary file
        What the program printed.
    """

    def __enter__(self) -> _Supervisor:
        self.printed = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _SUPERVISOR],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.printed,
            start_new_session=True,  # what ends the job, or all of its group, does not end this
        )
        answer = self._read() or {"errno": errno.ECHILD, "file": _SUPERVISOR}
        if "errno" in answer:
            self.__exit__()
            raise OSError(answer["errno"], os.strerror(answer["errno"]), answer["file"])
        self.folder: str = answer["folder"]
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(BrokenPipeError):
            self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]
        self.printed.close()

    def run(self, argv: list[str], limit: int, timeout: float) -> dict[str, Any] | None:
        """Run a program to its end.

        Parameters
        ----------
        argv : list of str
            The program and its arguments.
        limit : int
            The size of any file that it writes, in bytes.
        timeout : float
            How long it may run, in s.

        Returns
        -------
        dict or None
            The answer, see `_supervisor`; None if the supervisor was ended.
        """
        request = {"argv": argv, "limit": limit, "timeout": timeout}
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
        return self._read()

    def _read(self) -> dict[str, Any] | None:
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        return json.loads(line) if line else None

    def has_file_of(self, size: int) -> bool:
        """Whether a file that the program wrote, or its output, has at least so many bytes."""
        # Unlike os.walk, `find` reaches any depth.
        found = subprocess.run(
            ["find", self.folder, "-type", "f", "-size", f"+{size - 1}c"], capture_output=True, check=False
        )
        return bool(found.stdout) or os.fstat(self.printed.fileno()).st_size >= size


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
