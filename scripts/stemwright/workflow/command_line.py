"""What the programs that a person runs on files of their own have in common."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, cast

from stemwright.base.printable import printable, printable_lines


class Parser(argparse.ArgumentParser):
    """A parser whose errors are fit for a terminal: `*.wav` may give it a file name for an option.

    `about` is the program's docstring: what it does up to the first colon, and more after the first empty line.
    """

    def __init__(self, about: str):
        what, _, more = about.partition(":")
        super().__init__(description=what, epilog=more.partition("\n\n")[2])

    def error(self, message: str) -> NoReturn:
        """Print usage and message, escaped, and exit with code 2."""
        super().error(printable(message))


def prepare_output() -> None:
    """Let what is printed be piped into a program that ends early, and be in a locale that lacks its characters."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # no traceback with `| head`
    cast(io.TextIOWrapper, sys.stdout).reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hide what C libraries print, such as libmpg123's warnings; gates say it in words. Python prints as ever."""
    sys.stderr.flush()
    with open(os.dup(2), "w") as terminal, open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 2)
        try:
            with contextlib.redirect_stderr(terminal):
                yield
        finally:
            os.dup2(terminal.fileno(), 2)


def format_sound(form: Mapping[str, Any]) -> str:
    """The format of a file as a verdict has it, such as `48,000 Hz, stereo, PCM_24, 3.500 s`."""
    channels = "mono" if form["channels"] == 1 else "stereo"
    seconds = form["frames"] / form["sample_rate"]
    return f"{form['sample_rate']:,} Hz, {channels}, {form['subtype']}, {seconds:.3f} s"


def format_error(error: Exception, path: str) -> str:
    """An error about a file as text for a terminal, which names the file as it is."""
    if isinstance(error, OSError):
        return f"{printable(str(error.filename))}: cannot be read: {error.strerror}"
    return str(error).replace(printable_lines(path), printable(path))
