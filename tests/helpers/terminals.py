"""A terminal for tests: programs run on a pty, and what is then to be seen on the screen, by the rules of ECMA-48."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
import unicodedata

CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


class Terminal:
    """A program on a terminal of so many columns and rows, which does not show what is typed.

    `lines` is what is seen, with all that has scrolled away.
    """

    def __init__(self, command, cwd=None, columns=80, rows=24, **env):
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            _set_size(0, columns, rows)
            modes = termios.tcgetattr(0)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(0, termios.TCSANOW, modes)
            os.chdir(cwd or ".")
            os.environ.pop("NO_COLOR", None)
            os.environ.update({"TERM": "xterm", **env})
            os.execvp(command[0], list(map(str, command)))
        self.columns = columns
        self.raw = ""

    def until(self, condition=lambda terminal: False, timeout=60):
        """Read on until the condition holds, or the program has closed the terminal."""
        end = time.monotonic() + timeout
        while not condition(self):
            assert time.monotonic() < end, self.raw
            if select.select([self._terminal], [], [], 0.05)[0]:
                try:
                    some = os.read(self._terminal, 1 << 16)
                except OSError:  # Linux: nobody has it open any more
                    return self
                if not some:
                    return self
                self.raw += some.decode("utf-8", "replace")
        return self

    def type(self, text):
        """Type on the keyboard; the character 3 is Ctrl-C."""
        os.write(self._terminal, text.encode())

    def resize(self, columns, rows):
        """Make the window wider or narrower, and read what was written until then."""
        self.until(lambda _: not select.select([self._terminal], [], [], 0.0)[0])
        _set_size(self._terminal, columns, rows)
        self.columns = columns

    def wait(self):
        """How the program ended: its code, or minus the number of a signal."""
        self.until()
        _, status = os.waitpid(self.pid, 0)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(status)

    def send(self, number):
        """Send a signal to the program."""
        os.kill(self.pid, number)

    @property
    def lines(self):
        """What is to be seen, line by line, without trailing space."""
        return screen(self.raw, self.columns)


def _set_size(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def screen(raw, columns):
    """The lines of an endless page, as a terminal with so many columns shows them. Any other control is an error."""
    page, row, column, at = [[]], 0, 0, 0
    while at < len(raw):
        if found := CONTROL.match(raw, at):
            at = found.end()
            number = int(found[1]) if found[1].isdigit() else 1
            if found[2] == "A":
                row = max(0, row - number)
            elif found[2] == "J" and not found[1]:
                page[row][column:], page[row + 1 :] = [], []
            else:
                assert found[2] == "m", found[0]
            continue
        character, at = raw[at], at + 1
        if character == "\r":
            column = 0
        elif character == "\n":
            row += 1
        else:
            assert character >= " ", repr(character)
            wide = (
                0
                if unicodedata.combining(character)
                else 1 + (unicodedata.east_asian_width(character) in "WF")
            )
            if column + wide > columns:
                row, column = row + 1, 0
            while len(page) <= row:
                page.append([])
            page[row] += [" "] * (column - len(page[row]))
            page[row][column : column + wide] = [character, ""][:wide]
            column += wide
        while len(page) <= row:
            page.append([])
    return ["".join(line).rstrip() for line in page]
