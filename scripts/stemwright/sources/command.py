"""Any program that writes an audio file: Csound, SuperCollider, Faust, sox, a script of one's own."""

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

_FIELDS = ("output", "rate", "channels", "seconds")
_SHELL = "/bin/sh"
_MOST_TOLD = 1_000  # characters of what it said, in the error
_MOST_LOGGED = 200_000  # bytes of it, in the log


def _word(text: object) -> list[tuple[str, str | None, str]]:
    """A word's parts: (text, placeholder after it or None, the input's name)."""
    if not isinstance(text, str) or "\0" in text:
        raise ValueError(f"must be text (is {text!r})")
    try:
        found = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(
            f"must have {{{{ and }}}} for braces that are no placeholders: {error} (is {text!r})"
        ) from None
    for _, name, form, conversion in found:
        fits = bool(form) == (name == "input") and name in (*_FIELDS, "input") and not conversion
        if name is not None and not fits:
            known = ", ".join(f"{{{known}}}" for known in (*_FIELDS, "input:NAME"))
            raise ValueError(f"must use only {known}, and {{{{ and }}}} for other braces (is {text!r})")
    return [(literal, name, form or "") for literal, name, form, _ in found]


@dataclass(frozen=True)
class Command(Source):
    """What a program writes into the file `{output}`, from the song's start: any format and rate that `audio` reads.
    It runs in an empty folder of its own, without a shell, and what it says goes to the job's log. Stemwright runs it
    again when its words or the bytes of its inputs change, and cannot know of anything else that it reads: name all of
    that, scripts too, under `inputs`. The same inputs must give the same sound: seed what is random.
    """

    argv: Annotated[
        list[Annotated[str, Field("Braces that are no placeholders are doubled: {{ and }}.", parse=_word)]],
        Field(
            "The program and its arguments. {output} is the path to write to, {input:NAME} that of an input, "
            "{rate} (Hz), {channels} and {seconds} are the song's. A program without a / is looked for in PATH.",
            min_length=1,
        ),
    ]
    inputs: Annotated[
        dict[
            Annotated[str, Field("A name.", parse=parse_name)], Annotated[str, Field("A path.", min_length=1)]
        ],
        Field("The files it reads, by name, from the working directory; absolute and ~ work too."),
    ] = field(default_factory=dict)
    shell: Annotated[bool, Field("Join the words by spaces and run them by /bin/sh.")] = False
    timeout_s: Annotated[float, Field("How long it may take.", "s", gt=0, le=86_400)] = 600.0
    limit_mb: Annotated[int, Field("How large any file that it writes may grow.", "MB", ge=1, le=100_000)] = (
        2_000
    )

    def __post_init__(self) -> None:
        used = [(name, form) for text in self.argv for _, name, form in _word(text)]
        if ("output", "") not in used:
            raise ValueError("argv must say where to write: {output}")
        for name, form in used:
            if name == "input" and form not in self.inputs:
                raise ValueError(f"argv uses {{input:{form}}}, which is not among the inputs")

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("inputs", name), path) for name, path in self.inputs.items()]

    def render(self, context: RenderContext) -> Stream:
        with tempfile.TemporaryDirectory(prefix="stemwright-", ignore_cleanup_errors=True) as folder:
            output = os.path.join(folder, "output.wav")
            words = self._words(context, output)
            program = words[0]
            said = self._run([_SHELL, "-c", " ".join(words)] if self.shell else words, program, folder)
            try:
                yield from Audio("output.wav").render(replace(context, files={"file": output}))
            except StemwrightError as error:
                found = str(error).replace(f"{folder}/", "")
                if not os.path.lexists(output):
                    found = "it ended well, but wrote no {output}"
                raise StemwrightError(f"{program}: {found}{_tail(said)}") from None

    def _words(self, context: RenderContext, output: str) -> list[str]:
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
        words = [
            "".join(text + (values[name, form] if name else "") for text, name, form in _word(word))
            for word in self.argv
        ]
        if not self.shell and "/" in words[0]:  # from where the user stands, not from where it runs
            words[0] = os.path.abspath(os.path.expanduser(words[0]))
        return words

    def _run(self, words: list[str], program: str, folder: str) -> str:
        """Run it to its end, and stop all that it started. What it said goes to the log, and is the answer."""
        with tempfile.TemporaryFile() as said, _terminable():
            try:
                process = subprocess.Popen(
                    words,
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                    preexec_fn=self._bound,
                )
            except FileNotFoundError:
                raise StemwrightError(
                    f"{program}: there is no such program: install it, or give its path"
                ) from None
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
            told, full = _last(said), self._is_full(said, folder)
        print(told, end="" if told.endswith("\n") else "\n", flush=True)
        if status is None:
            what = f"did not end within timeout_s, {self.timeout_s:g} s, and was stopped"
        elif full:
            what = f"wrote more than limit_mb, {self.limit_mb:,} MB, into one file"
        elif status < 0:
            what = f"was ended by {signal.Signals(-status).name}"
        elif status:
            what = f"failed with exit status {status}"
        else:
            return told
        raise StemwrightError(f"{program}: {what}{_tail(told)}")

    def _is_full(self, said: BinaryIO, folder: str) -> bool:
        """Whether what it said, or any file that it wrote, has grown up to the limit."""
        files = [os.lstat(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names]
        return any(file.st_size >= self.limit_mb * 1_000_000 for file in (*files, os.fstat(said.fileno())))

    def _bound(self) -> None:
        """In the process before it is the program: no file may grow beyond the limit."""
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        most = self.limit_mb * 1_000_000
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def _terminable() -> Iterator[None]:
    """Within it, being terminated ends in an orderly way: the program, in a session of its own, is not told."""
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


def _last(said: BinaryIO) -> str:
    """The end of what a program said, as text."""
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - _MOST_LOGGED))
    text = said.read().decode("utf-8", "replace")
    return text if size <= _MOST_LOGGED else f"[{size - _MOST_LOGGED:,} bytes before this]\n{text}"


def _tail(said: str) -> str:
    """The last lines of it, for an error."""
    lines = [line for line in said[-_MOST_TOLD:].splitlines() if line.strip()][-10:]
    return ". It said last:\n" + "\n".join(f"  {line}" for line in lines) if lines else ""
