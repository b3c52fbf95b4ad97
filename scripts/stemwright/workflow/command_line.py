"""What the programs that a person runs on files of their own have in common."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import NoReturn

from stemwright.base.printable import printable, printable_lines


class Parser(argparse.ArgumentParser):
    """A parser whose errors are fit for a terminal: `*.wav` may give it a file name for an option."""

    def error(self, message: str) -> NoReturn:
        """Print usage and message, escaped, and exit with code 2."""
        super().error(printable(message))


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


def format_error(error: Exception, path: str) -> str:
    """An error about a file as text for a terminal, which names the file as it is."""
    if isinstance(error, OSError):
        return f"{printable(str(error.filename))}: cannot be read: {error.strerror}"
    return str(error).replace(printable_lines(path), printable(path))
