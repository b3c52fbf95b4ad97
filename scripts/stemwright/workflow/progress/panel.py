"""A few lines at the bottom of a terminal that are drawn again and again; what is said scrolls above them and stays.

While the panel is there, what anybody writes to the terminal through this process's stdout and stderr (jobs, commands,
libraries) goes through a pipe, and is printed above it, line by line. The terminal is left in no state that would have
to be undone: the cursor is not hidden, and lines are cut instead of wrapped. So there is nothing to restore after a
crash, but for the panel itself.
"""

from __future__ import annotations

import fcntl
import os
import re
import sys
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress

from stemwright.base.printable import printable

_PERIOD_S = 0.25
_CONTROL = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?)")
"""Sequences that colour text, move the cursor or set the terminal's title (ECMA-48, 5.4; xterm)."""
_READ = 1 << 16
_PIPE = 1 << 20  # bytes that may be written between two drawings without a wait


class Panel:
    """The panel.

    Parameters
    ----------
    content : callable
        Given the number of columns and rows of the terminal, the lines to be shown.
    lock : lock
        A re-entrant lock: it is held while the panel is drawn and `content` is called.
    """

    def __init__(self, content: Callable[[int, int], list[str]], lock: threading.RLock):
        self._content, self._lock = content, lock
        self._drawn: list[str] = []
        self._rest = b""
        self._over = threading.Event()
        sys.stdout.flush()
        sys.stderr.flush()
        self._terminal = os.dup(2)
        self._pipe, into = os.pipe()
        os.set_blocking(self._pipe, False)
        with suppress(OSError, AttributeError):
            fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, _PIPE)
        self._replaced = [number for number in (1, 2) if os.isatty(number)]
        self._before = {number: os.dup(number) for number in self._replaced}
        for number in self._replaced:
            os.dup2(into, number)
        os.close(into)
        threading.Thread(target=self._draw_often, daemon=True).start()

    def print(self, text: str) -> None:
        """Print above the panel."""
        with self._lock:
            self._read()  # what was said before comes before
            self._show(text + "\n")

    def close(self) -> None:
        """Remove the panel. What was written until now is printed; from now on, the terminal is as it was."""
        self._over.set()
        sys.stdout.flush()
        sys.stderr.flush()
        for number, before in self._before.items():
            os.dup2(before, number)
            os.close(before)
        with self._lock:
            self._read()
            if self._rest:
                self._show(_as_text(self._rest) + "\n")
            self._show("", with_panel=False)

    def _draw_often(self) -> None:
        while not self._over.wait(_PERIOD_S):
            with self._lock:
                if not self._over.is_set():  # while it was waiting for the lock
                    self._read()
                    self._show("")

    def _read(self) -> None:
        """Print the whole lines that others have written."""
        with suppress(BlockingIOError):
            while some := os.read(self._pipe, _READ):
                self._rest += some
        whole, newline, self._rest = self._rest.rpartition(b"\n")
        if newline:
            self._show("".join(f"{_as_text(line)}\n" for line in whole.split(b"\n")))

    def _show(self, text: str, with_panel: bool = True) -> None:
        """Print text where the panel is, and the panel below it, in one write. A terminal that is gone is no error."""
        columns, rows = self._size()
        if not self._is_in_front():  # the lines above are the shell's
            self._drawn, with_panel = [], False
        lines = [cut(line, columns - 1) for line in self._content(columns, rows)] if with_panel else []
        if not text and lines == self._drawn:
            return
        # Lines that were drawn on a wider terminal may be broken now.
        above = sum(max(1, -(-width(line) // columns)) for line in self._drawn) - 1
        erase = ("\r" + (f"\x1b[{above}A" if above > 0 else "") + "\x1b[J") if self._drawn else ""
        self._drawn = lines
        with suppress(OSError):
            _write_all(self._terminal, (erase + text + "\n".join(lines)).encode())

    def _is_in_front(self) -> bool:
        """Whether this is what the user sees at work, and not stopped or in the background of a shell."""
        try:
            return os.tcgetpgrp(self._terminal) == os.getpgrp()
        except OSError:
            return True

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._terminal)
        except OSError:
            columns, rows = 0, 0
        return columns or 80, rows or 24


def width(line: str) -> int:
    """How many columns a line takes (Unicode Standard Annex 11); colours take none."""
    plain = _CONTROL.sub("", line)
    if plain.isascii():
        return len(plain)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in plain
    )


def cut(line: str, columns: int) -> str:
    """A line of at most so many columns. One that is longer loses its colours, and ends with an ellipsis."""
    if width(line) <= columns:
        return line
    plain = _CONTROL.sub("", line)
    while plain and width(plain) >= columns:
        plain = plain[:-1]
    return f"{plain}…"


def _as_text(line: bytes) -> str:
    """What somebody has written, as a line without control sequences; of one written over, what is seen at last."""
    text = _CONTROL.sub("", line.decode("utf-8", "replace")).rstrip("\r").rpartition("\r")[2]
    return "\t".join(map(printable, text.split("\t")))


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
