"""What is looked at is noted, by whatever way Python has, and only what is as it was counts as that."""

import ctypes
import glob
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from stemwright.base import facts, looked
from stemwright.base.looked import is_as_it_was, recorded, unnoted

LOOKS = {
    "open": lambda: open("a.txt", encoding="utf-8").close(),
    "os.open": lambda: os.close(os.open("a.txt", os.O_RDONLY)),
    "read_bytes": lambda: Path("a.txt").read_bytes(),
    "exists": lambda: os.path.exists("a.txt"),
    "Path.exists": lambda: Path("a.txt").exists(),
    "isfile": lambda: os.path.isfile("a.txt"),
    "Path.is_file": lambda: Path("a.txt").is_file(),
    "lexists": lambda: os.path.lexists("a.txt"),
    "getsize": lambda: os.path.exists("a.txt") and os.path.getsize("a.txt"),
    "access": lambda: os.access("a.txt", os.R_OK),
    "realpath": lambda: os.path.realpath("a.txt"),
    "listdir": lambda: os.listdir("."),
    "scandir": lambda: list(os.scandir(".")),
    "glob": lambda: glob.glob("*.txt"),
    "Path.glob": lambda: list(Path(".").glob("*.txt")),
    "walk": lambda: list(os.walk(".")),
    "which": lambda: shutil.which("./a.txt"),
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def noted(look):
    with recorded() as recording:
        try:
            look()
        except OSError:
            assert not Path("a.txt").exists()
    return recording


def holds(recording, questions=None):
    return is_as_it_was(recording.states, recording.facts, questions or {})


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_every_way_of_looking(look, is_there):
    """What comes or goes is seen, by whichever function it was looked for; and all is as ever afterwards."""
    before = os.stat, os.lstat, os.access
    if is_there:
        Path("a.txt").write_text("a")
    recording = noted(look)
    assert holds(recording) and recording.is_settled()
    os.remove("a.txt") if is_there else Path("a.txt").write_text("a")
    assert not holds(recording) and not recording.is_settled()
    assert (os.stat, os.lstat, os.access) == before


def test_what_is_in_a_file_counts_and_its_date_does_not():
    Path("a.txt").write_text("one")
    recording = noted(lambda: os.path.exists("a.txt"))
    os.utime("a.txt", (0, 0))
    shutil.copy("a.txt", "b.txt")
    os.replace("b.txt", "a.txt")
    assert holds(recording)
    Path("a.txt").write_text("two")
    assert not holds(recording)
    Path("a.txt").write_text("one")
    assert holds(recording)


def test_a_long_file_is_known_by_its_times_once_they_are_past(monkeypatch):
    monkeypatch.setattr(looked, "_SMALL", 2)
    Path("a.txt").write_text("one")
    recording = noted(lambda: os.path.exists("a.txt"))
    assert not recording.is_settled()  # it may be written again within a tick of the clock
    monkeypatch.setattr(looked, "_TICK_NS", 0)
    assert recording.is_settled() and holds(recording)
    Path("a.txt").write_text("two")
    assert not holds(recording)


def test_a_file_that_becomes_a_folder():
    """Whoever walks through folders goes into one, and opens a file."""
    Path("a.txt").touch()
    recording = noted(lambda: [*os.walk(".")])
    os.remove("a.txt")
    os.mkdir("a.txt")
    assert not holds(recording)


def test_a_file_that_changes_meanwhile_and_back():
    Path("a.txt").write_text("one")
    with recorded() as recording:
        os.path.exists("a.txt")
        Path("a.txt").write_text("two")
        assert Path("a.txt").read_text() == "two"
        Path("a.txt").write_text("one")
    assert holds(recording) and not recording.is_settled()


def test_folders_links_and_what_is_ignored():
    for name in ("folder", "other", "build"):
        os.mkdir(name)
        Path(name, "a.txt").write_text("a")
    os.symlink("folder/a.txt", "link")

    def look():
        os.path.isdir("folder")
        os.path.exists("link")
        os.path.exists("nothing\0")

    with recorded(["build"]) as recording:
        look()
        os.listdir("build")
        os.path.exists("build/a.txt")
        os.path.exists(os.__file__)
        with unnoted():
            os.path.exists("other")
    assert set(recording.states) == {"folder", "link", "nothing\0"}
    Path("folder/b.txt").write_text("b")  # nobody has asked what is in it
    assert holds(recording)
    os.remove("link")
    os.symlink("other/a.txt", "link")
    assert not holds(recording)


@pytest.mark.parametrize("place", ["a.txt", "folder"])
def test_who_may_use_it_counts(place):
    Path("a.txt").touch()
    os.mkdir("folder")
    recording = noted(lambda: os.access(place, os.X_OK))
    assert holds(recording)
    os.chmod(place, os.stat(place).st_mode ^ 0o100)
    assert not holds(recording)


def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def connect():
    with socket.socket() as one:
        one.connect_ex(("127.0.0.1", 1))


@pytest.mark.parametrize(
    "look",
    [
        lambda: subprocess.run(["true"], check=True),
        lambda: os.waitpid(os.posix_spawn(shutil.which("true"), ["true"], {}), 0),
        lambda: os.execv("no such program", ["x"]),
        fork,
        connect,
        lambda: ctypes.CDLL("no such library"),
    ],
    ids=["run", "posix_spawn", "exec", "fork", "connect", "a library"],
)
def test_what_cannot_be_compared(look):
    assert not noted(look).is_complete


def test_what_looks_at_nothing_is_complete():
    assert noted(lambda: ctypes.CDLL(None)).is_complete


@facts.fact
def answer(number):
    subprocess.run(["true"], check=True)
    return ANSWERS[number]


ANSWERS = {1: "one"}


def test_facts_are_asked_again(monkeypatch):
    name = f"{__name__}:answer"
    kept = facts._facts[name]
    kept.cache_clear()
    recording = noted(lambda: [answer(1), answer(1)])
    assert recording.facts == [[name, [1], "one"]] and recording.is_complete and holds(recording)
    monkeypatch.setitem(ANSWERS, 1, "another")
    kept.cache_clear()
    assert not holds(recording)
    Path("touching.py").write_text("open('touched', 'w').close()")
    monkeypatch.syspath_prepend(os.getcwd())
    for name, arguments in (("os:system", ["touch touched"]), ("touching:it", [])):
        with pytest.raises(LookupError):
            is_as_it_was({}, [[name, arguments, 0]], {})
    assert not os.path.exists("touched")


def test_questions_of_the_caller():
    with recorded() as recording:
        assert recording.ask("is_odd", lambda number: number % 2 == 1)(3)
    assert holds(recording, {"is_odd": lambda number: True})
    assert not holds(recording, {"is_odd": lambda number: False})
