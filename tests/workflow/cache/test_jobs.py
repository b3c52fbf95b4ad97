"""What a job takes from the shared cache and stores there: never anything but what it would make itself."""

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest
from cached_jobs import TOOLS, Machine

from stemwright.base.errors import ChangedFileError
from stemwright.records.claims import RUN
from stemwright.records.sentinel import read_sentinel, write_sentinel
from stemwright.workflow.cache import CACHE, is_from_cache, jobs

SOUND, SETTINGS = b"RIFF sound" * 1_000, b"{}"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """`machine("a")` is a machine that builds in a folder of that name; all share one cache."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))

    def make(name, song="tune"):
        made = Machine(tmp_path / name, tmp_path / "cache", song)
        monkeypatch.chdir(made.path)
        return made

    return make


def master(machine, params=None, sources=(b"left", b"right"), order=("a", "b"), **keys):
    """A job with two inputs that makes two files."""
    home = machine.home
    for name, content in zip("ab", sources, strict=True):
        machine.write(f"audio/{name}.wav", content)
    outputs = {"audio": f"{home}/master/master.wav", "settings": f"{home}/master/master.json"}
    return machine.job(
        {"mix": [f"audio/{order[0]}.wav"], "key": [f"audio/{order[1]}.wav"]},
        {**outputs, "made": f"{home}/master/master.wav.made"},
        params or {"gain_db": -3},
        **keys,
    )


def stored(machine, **keys):
    """The same, after it has been built and stored."""
    job = master(machine, **keys)
    assert not job.restore()
    machine.write(f"{machine.home}/master/master.wav", SOUND)
    machine.write(f"{machine.home}/master/master.json", SETTINGS)
    job.store("gain of +2 dB\n", [f"warning: {machine.home}/master/master.wav: is quiet"])
    return job


def built(machine):
    return sorted(path.name for path in Path(machine.home).rglob("*") if path.is_file())


def test_what_one_machine_has_built_another_takes(machine, capsys):
    stored(machine("one"))
    two = machine("two")
    assert master(two).restore()
    assert Path(two.home, "master/master.wav").read_bytes() == SOUND
    assert Path(two.home, "master/master.json").read_bytes() == SETTINGS
    assert built(two) == ["master.json", "master.wav"] and two.said == [
        "warning: build/tune/master/master.wav: is quiet"
    ]
    two.write("log", capsys.readouterr().out.encode())
    assert is_from_cache("log") and Path("log").read_text().endswith("\ngain of +2 dB\n")


def test_a_song_of_another_name_and_a_new_refusal_ledger_do_not_matter(machine):
    stored(machine("one"))
    two = machine("two", song="song 2")
    assert master(two, ledgers={"x": "y"}).restore()
    assert two.said == ["warning: build/song 2/master/master.wav: is quiet"]


@pytest.mark.parametrize(
    "keys",
    [
        {"params": {"gain_db": -3.5}},
        {"tools": {**TOOLS, "code": "0ther"}},
        {"tools": {**TOOLS, "libraries": {"numpy": "2.5"}}},
        {"sources": (b"left", b"other")},
        {"sources": (b"right", b"left")},
        {"order": ("b", "a")},
        {"refusals": 1},
        {"tools": {**TOOLS, "only_here": True}},
    ],
)
def test_what_would_make_something_else_finds_nothing(keys, machine):
    stored(machine("one"))
    two = machine("two")
    assert not master(two, **keys).restore() and built(two) == [] and two.said == []


def test_another_kind_of_machine_finds_nothing(machine, monkeypatch):
    stored(machine("one"))
    monkeypatch.setattr(jobs, "kind_of_machine", lambda: {"features": ["SSE2"]})
    assert not master(machine("two")).restore()


def test_what_runs_a_program_of_the_user_is_not_stored(machine):
    one = machine("one")
    stored(one, tools={**TOOLS, "only_here": True})
    assert not one.cache.exists()


def test_what_was_refused_here_is_made_here_and_replaces_its_entry(machine):
    stored(machine("one"))
    two = machine("two")
    job = master(two, refusals=1)
    assert not job.restore()
    two.write(f"{two.home}/master/master.wav", b"as it should be")
    two.write(f"{two.home}/master/master.json", SETTINGS)
    job.store("", [])
    three = machine("three")
    assert (
        master(three).restore() and Path(three.home, "master/master.wav").read_bytes() == b"as it should be"
    )


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
def test_what_is_damaged_is_not_used_told_and_replaced(where, damage, machine, monkeypatch):
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
    job.store("", [])
    three = machine("three")
    healed = master(three).restore()
    assert healed == (damage not in (a_folder, a_linked_folder))  # these stay; nothing in a folder is removed
    assert not healed or Path(three.home, "master/master.wav").read_bytes() == SOUND


def test_a_file_that_is_gone_is_made_again_without_a_word(machine):
    one = machine("one")
    stored(one)
    for path in (one.cache / "sha256").rglob("*"):
        if path.is_file():
            path.unlink()
    two = machine("two")
    assert not master(two).restore() and two.said == [] and built(two) == []
    stored_again = machine("three")
    stored(stored_again)
    assert master(machine("four")).restore()


STEM = "build/tune/stems/bass.wav"
PASSED = {"id": "dc", "measured": 0.0, "unit": "", "limit": "", "status": "pass"}


def verification(machine, content=SOUND, gates=None, other=b"other"):
    """The job that judges a stem beside another one, which it knows by its sentinel until it reads it."""
    machine.verified(STEM, content)
    machine.verified("build/tune/stems/pad.wav", other)
    Path(STEM + ".ok").unlink()
    return machine.job(
        {"artifact": [STEM, f"{STEM}.made"], "stems": ["build/tune/stems/pad.wav"]},
        {"sentinel": f"{STEM}.ok"},
        {"stage": "stem", "gates": gates or {"dc": {}}},
        later=["stems"],
    )


def judged(job, checks=(PASSED,), **keys):
    """A sentinel as the job would write it, but for `keys`."""
    account = job._work.account()
    record = {
        "artifact": STEM,
        "sha256": job._work.read[STEM],
        "kind": "stem",
        "format": {},
        "checks": list(checks),
    }
    write_sentinel(STEM, record | {"asked": account.asked, "read": dict(account.read)} | keys)
    job.store("passed\n", [])


def test_a_verdict_is_taken_for_the_same_bytes_gates_and_inputs(machine):
    judged(verification(machine("one")))
    two = machine("two")
    job = verification(two)
    two.write("build/tune/refused/stems/bass.wav.html", b"why")
    job._job["ledgers"][STEM] = "build/tune/refused/stems/bass.wav.jsonl"
    assert job.restore() and read_sentinel(STEM)["checks"] == [PASSED]
    assert not Path("build/tune/refused/stems/bass.wav.html").exists()  # it passes now


@pytest.mark.parametrize(
    "keys", [{"content": b"another sound"}, {"gates": {"dc": {"max_offset": 0.1}}}, {"other": b"another one"}]
)
def test_a_verdict_on_something_else_is_not(keys, machine):
    judged(verification(machine("one")))
    assert not verification(machine("two"), **keys).restore() and not Path(STEM + ".ok").exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"checks": [{**PASSED, "status": "fail"}]},
        {"checks": [{**PASSED, "status": "PASS"}]},
        {"checks": [None]},
        {"checks": {}},
        {"checks": ()},
        {"checks": [{**PASSED, "id": {}}]},
        {"checks": [{**PASSED, "script": "x"}]},
        {"format": []},
        {"more": 1},
        {"sha256": hashlib.sha256(b"another sound").hexdigest()},
        {"artifact": "build/tune/stems/pad.wav"},
        {"kind": "mix"},
        {"asked": "0" * 64},
        {"read": {}},
    ],
)
def test_a_refusal_or_the_verdict_on_something_else_under_this_key_is_not(forged, machine):
    judged(verification(machine("one")), **forged)
    two = machine("two")
    assert not verification(two).restore() and not Path(STEM + ".ok").exists()
    (said,) = two.said
    assert "not used for build/tune/stems/bass.wav: " in said


def test_an_input_that_is_not_what_its_sentinel_says_is_found(machine):
    """As without a cache: the script would have read it."""
    judged(verification(machine("one")))
    two = machine("two")
    job = verification(two)
    two.write("build/tune/stems/pad.wav", b"damaged")
    with pytest.raises(ChangedFileError, match=r"pad\.wav: is not what the job made"):
        job.restore()


def test_what_was_made_from_a_damaged_input_is_not_stored(machine):
    one = machine("one")
    job = verification(one)
    one.write("build/tune/stems/pad.wav", b"damaged")
    job._work._states.pop("build/tune/stems/pad.wav")
    write_sentinel(STEM, {"artifact": STEM})
    job.store("", [])
    assert not one.cache.exists()


class Broken:
    """A place that fails."""

    def __init__(self, error, works=()):
        self.error, self.works, self.asked = error, works, []

    def _ask(self, what, answer):
        self.asked.append(what)
        if what not in self.works:
            raise self.error
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read(self, *_):
        return self._ask("read", FileNotFoundError())

    def size(self, *_):
        return self._ask("size", None)

    def store(self, *_):
        return self._ask("store", None)


@pytest.mark.parametrize(
    ("error", "works", "asked", "said"),
    [
        (OSError("no such host"), (), ["read"], ["not used in this run: no such host"]),
        (
            OSError(28, "full", "x"),
            ("read", "size"),
            ["read", "size", "store", "read"],
            ["nothing more is stored"],
        ),
        (PermissionError(13, "denied", "x"), ("read", "size"), ["read", "size", "store", "read"], []),
    ],
)
def test_a_cache_that_fails_is_told_once_a_run_and_the_build_goes_on(
    error, works, asked, said, machine, monkeypatch
):
    one, place = machine("one"), Broken(error, works)
    monkeypatch.setattr(jobs, "place_of", lambda location: place)
    monkeypatch.setenv(RUN, "a run")
    for _ in range(2):
        stored(one)
    assert place.asked == asked
    assert len(one.said) == len(said) and all(
        text in found for text, found in zip(said, one.said, strict=True)
    )
    monkeypatch.setenv(RUN, "the next run")
    stored(one)
    assert len(one.said) == 2 * len(said) and len(list(Path(".snakemake").rglob("cache-*"))) == 1
