"""What a job takes from the shared cache and stores there: never anything but what it would make itself."""

import hashlib
from pathlib import Path

import pytest
from cached_jobs import SETTINGS, SOUND, TOOLS, built, master, stored

from stemwright.base.errors import ChangedFileError
from stemwright.records.claims import RUN
from stemwright.records.sentinel import read_sentinel, write_sentinel
from stemwright.workflow.cache import is_from_cache, jobs


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
        {"sources": (b"right", b"left"), "order": ("b", "a")},  # the same content from files of other names
        {"folder": "masters"},
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


def packed(machine, **verdict):
    """The key of a job that packs a file, which it knows by its sentinel until it reads it."""
    file, archive = "build/tune/stems/pad.wav", "build/tune/tune.zip"
    machine.verified(file, SOUND)
    digest = hashlib.sha256(SOUND).hexdigest()
    write_sentinel(file, {"artifact": file, "sha256": digest, **verdict})
    return machine.job({"files": [file]}, {"zip": archive, "made": f"{archive}.made"}, later=["files"])._key


def test_what_is_packed_with_another_verdict_is_another_zip(machine):
    """The manifest tells what was measured of its files."""
    keys = [packed(machine(name), checks=[PASSED]) for name in ("one", "two")]
    assert keys[0] == keys[1] != packed(machine("three"), checks=[{**PASSED, "measured": 1.0}])


def test_what_has_said_too_much_is_not_stored(machine, monkeypatch):
    monkeypatch.setattr(jobs, "_MOST_LOG", 9)
    one = machine("one")
    stored(one)
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
