"""Entries and files of a cache that are not what they were: damaged, or written by someone else."""

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest
from cached_jobs import SETTINGS, SOUND, built, master, stored


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replaced(path, content):
    path.unlink()
    path.write_bytes(content)


def a_link(path):
    real = path.rename(path.parents[3] / "elsewhere")
    path.symlink_to(real)


def a_linked_folder(path):
    real = path.parent.rename(path.parents[3] / "elsewhere")
    path.parent.symlink_to(real)


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_fifo(path):
    path.unlink()
    os.mkfifo(path)


def a_socket(path):
    path.unlink()
    socket.socket(socket.AF_UNIX).bind(os.path.relpath(path))


def without_content(path):
    path.write_bytes(b"")


def cut(path):
    os.truncate(path, path.stat().st_size - 10)


def continued(path):
    with open(path, "ab") as file:
        file.write(b"x")


OF_ANY = {
    each.__name__: each
    for each in (flipped, a_link, a_linked_folder, a_folder, a_fifo, a_socket, without_content, cut)
}
OF_FILES = {
    "zeros": lambda path: replaced(path, bytes(path.stat().st_size)),
    "the content of another": lambda path: replaced(path, SETTINGS),
}


def change(**keys):
    """A change by someone who knows how entries are sealed."""

    def changed(path):
        found = {**json.loads(path.read_text()), **keys}
        del found["seal"]
        seal = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
        path.write_text(json.dumps({**found, "seal": seal}))

    return changed


def of_files(entry):
    return lambda path: change(files=[{**each, **entry} for each in json.loads(path.read_text())["files"]])(
        path
    )


def the_other_way_round(path):
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "files": found["files"][::-1]}))


def another_log(path):
    path.write_text(path.read_text().replace("+2 dB", "+9 dB"))


def a_digest_of_nothing(path):
    of_files({"sha256": hashlib.sha256(b"").hexdigest()})(path)


OF_ENTRIES = {
    "continued": continued,
    "its files swapped": the_other_way_round,
    "another log": another_log,
    "nested deeply": lambda path: path.write_text("[" * 100_000),
    "a long number": lambda path: path.write_text('{"format": ' + "9" * 5_000 + "}"),
    "long": lambda path: path.write_text(path.read_text() + " " * (1 << 20)),
    "null": lambda path: path.write_text("null"),
    "of another job": change(key="0" * 64),
    "of another version": change(format=2),
    "with a path": change(path="/etc/passwd"),
    "without files": change(files=[]),
    "with a word for files": change(files="both"),
    "a number for a log": change(log=3),
    "null for the screen": change(screen=[None]),
    "a path for a digest": of_files({"sha256": "../" * 20 + "etc/passwd"}),
    "another digest": a_digest_of_nothing,
    "a negative size": of_files({"size": -1}),
    "a size of true": of_files({"size": True}),
    "a huge size": of_files({"size": 1 << 60}),
    "files with names": of_files({"name": "../x.wav"}),
}
DAMAGES = {
    **{f"file: {name}": ("sha256", damage) for name, damage in {**OF_ANY, **OF_FILES}.items()},
    **{f"entry: {name}": ("entries", damage) for name, damage in {**OF_ANY, **OF_ENTRIES}.items()},
}


@pytest.mark.parametrize(("where", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_what_is_damaged_is_not_used_told_and_replaced(where, damage, machine, monkeypatch, capsys):
    one = machine("one")
    job = stored(one)
    key = hashlib.sha256(SOUND).hexdigest() if where == "sha256" else job._key
    path = one.cache / where / key[:2] / (key[2:] + ".json" * (where == "entries"))
    monkeypatch.chdir(one.cache)  # the name of a socket is short
    damage(path)
    two = machine("two")
    job = master(two)
    assert not job.restore() and built(two) == []
    assert len(two.said) <= 1 and all(
        "not used for build/tune/master/master.wav: " in said for said in two.said
    )
    two.write(f"{two.home}/master/master.wav", SOUND)
    two.write(f"{two.home}/master/master.json", SETTINGS)
    told = capsys.readouterr().out
    job.store(f"{told}gain of +2 dB\n", [])
    three = machine("three")
    healed = master(three).restore()
    if healed:  # what is told of a damage is not told again elsewhere
        _, *printed = capsys.readouterr().out.splitlines()
        assert three.said == [] and printed == ["gain of +2 dB"]
    assert healed == (damage not in (a_folder, a_linked_folder))  # these stay; nothing in a folder is removed
    assert not healed or Path(three.home, "master/master.wav").read_bytes() == SOUND
