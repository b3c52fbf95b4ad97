"""The panel on a terminal: what is said scrolls above it and stays, whoever says it; nothing of it is left at the end."""

import os
import signal
import sys
import textwrap

import pytest
from terminals import Terminal

from stemwright.workflow.progress.panel import cut, width

BEGIN = """
    import os, subprocess, sys, threading, time
    sys.path.insert(0, {scripts!r})
    from stemwright.workflow.progress.panel import Panel
    state = ["first row", "second row"]
    panel = Panel(lambda columns, rows: [f"{{row}} of {{columns}}" for row in state], threading.RLock())
"""
SCRIPTS = str(__import__("pathlib").Path(__file__).parents[3] / "scripts")


def run(code, **options):
    begin = textwrap.dedent(BEGIN).format(scripts=SCRIPTS)
    return Terminal([sys.executable, "-c", begin + textwrap.dedent(code)], **options)


def test_all_that_is_said_stays_in_order_and_the_panel_goes():
    terminal = run(
        r"""
        panel.print("from the run")
        subprocess.run("echo from a job >&2; echo from a command", shell=True)
        print("from this process", flush=True)
        os.write(2, b"10 %\r20 %\r30 %\n")  # a line that is written over
        os.write(2, b"\x1b[2J\x1b[31mred\x1b[0m \x1b]0;a title\x07\xe2\x80\xae\xff\n")
        panel.print("last from the run")
        os.write(2, b"without an end")
        panel.close()
        print("after it")
        """
    )
    assert terminal.wait() == 0
    assert terminal.lines == [
        "from the run",
        "from a job",
        "from a command",
        "from this process",
        "30 %",
        r"red \u202e" + "\ufffd",
        "last from the run",
        "without an end",
        "after it",
        "",
    ]
    assert "?25" not in terminal.raw  # the cursor was never hidden


def test_it_is_drawn_below_and_fits_a_window_that_changes():
    terminal = run(
        """
        panel.print("above " * 4)
        sys.stdin.readline()
        panel.print("narrow now")
        sys.stdin.readline()
        panel.close()
        """,
        columns=40,
    )
    terminal.until(lambda t: t.lines[-2:] == ["first row of 40", "second row of 40"])
    assert terminal.lines[0] == ("above " * 4).rstrip()
    terminal.resize(12, 24)
    terminal.until(lambda t: "second row…" in t.raw)
    assert terminal.lines[-2:] == ["first row …", "second row…"]
    terminal.type("\n\n")
    assert terminal.wait() == 0
    assert [line for line in terminal.lines if "row" in line.split()] == []
    assert "narrow now" in terminal.lines


@pytest.mark.parametrize("end", ["raise SystemExit(3)", "os._exit(3)", "os.kill(os.getpid(), 15)"])
def test_whatever_ends_the_process_the_terminal_is_left_as_it_was(end):
    """Nothing is switched on that would have to be switched off: no hidden cursor, no mode, no scrolling region."""
    terminal = run(f"panel.print('said'); {end}")
    assert terminal.wait() in (3, -signal.SIGTERM)
    assert terminal.lines[-2:] == [
        "first row of 80",
        "second row of 80",
    ]  # and `screen` knows no other control


def test_a_terminal_that_is_gone_is_no_error(tmp_path):
    told = tmp_path / "told"
    terminal = run(
        f"""
        import signal
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        time.sleep(0.3)
        panel.print("nobody reads this")
        os.write(2, b"nor this\\n")
        time.sleep(0.3)
        panel.close()
        open({str(told)!r}, "w").write("over")
        """
    )
    terminal.until(lambda t: "row" in t.raw)
    os.close(terminal._terminal)
    assert os.waitpid(terminal.pid, 0)[1] == 0
    assert told.read_text() == "over"


def test_the_width_of_text():
    """By the East Asian widths of Unicode: 音 takes two columns, a combining accent none; so do colours."""
    assert [width(text) for text in ("abc", "\x1b[31mabc\x1b[0m", "音楽", "e\u0301", "…")] == [3, 3, 4, 1, 1]
    assert [cut(text, 4) for text in ("abcd", "abcde", "音楽音", "\x1b[31mabcde\x1b[0m")] == [
        "abcd",
        "abc…",
        "音…",
        "abc…",
    ]
