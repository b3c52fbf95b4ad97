"""The plans that are kept: what is planned is always what would be planned with nothing kept, whatever was edited."""

import multiprocessing
import os
import shutil
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile as sf
import yaml

from stemwright.base import facts
from stemwright.base.files import json_text
from stemwright.plan import anew, anew_collections, fingerprint, remembered
from stemwright.plan.jobs import Plan
from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.validation.problems import InvalidFileError
from stemwright.workflow.plans import Plans

RATE = 8_000
KEPT = Path(".snakemake/stemwright/remembered")
FINGERPRINTS = Path(".snakemake/stemwright/fingerprints.json")
CONFIG = {"songs": ["tune", "other"], "albums": ["both"], "session": {"sample_rate": RATE, "channels": 1}}
OTHER = {"title": "Other", "length": "1 s", "stems": {"sine": {"source": {"tone": {"note": "A4"}}}}}
NOTE = {"*": {"notes": "C3 1/4"}}
SONG = {
    "title": "Tune",
    "bpm": 120,
    "length": "reference",
    "reference": {"file": "audio/drums.wav"},
    "stems": {
        "loop": {
            "source": {"audio": {"file": "audio/loop.wav"}},
            "effects": [{"lowpass": {"cutoff_hz": 900}}],
        },
        "keys": {"source": {"play": {"instrument": {"sampler": {"folder": "audio/keys"}}, "parts": NOTE}}},
        "midi": {
            "source": {
                "play": {
                    "instrument": {"preset": {"name": "mini-bass"}},
                    "parts": {"*": {"midi": "audio/bass.mid"}},
                }
            }
        },
        "own": {"source": {"audio": {"file": "audio/own.wav"}}},
        "sox": {"source": {"command": {"argv": ["no-such-program", "{output}"]}}},
    },
}


def write(file, data):
    os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
    Path(file).write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def sound(file, seconds=1.0):
    os.makedirs(os.path.dirname(file), exist_ok=True)
    sf.write(file, np.random.default_rng(1).uniform(-0.5, 0.5, int(seconds * RATE)), RATE, "PCM_16")


def midi(file, key):
    track = mido.MidiTrack([mido.Message("note_on", note=key), mido.Message("note_off", note=key, time=480)])
    mido.MidiFile(tracks=[track]).save(file)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with songs of all that planning looks at. The code counts as old enough to be relied on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(remembered, "_EARLIER_NS", -(10**18))
    for name in ("audio/drums.wav", "audio/loop.wav", "audio/keys/C3.wav"):
        sound(name)
    midi("audio/bass.mid", 40)
    write("config.yaml", CONFIG)
    write("songs/tune.yaml", SONG)
    write("songs/other.yaml", OTHER)
    write("albums/both.yaml", {"songs": ["tune", "other"]})


class Run:
    """What one run plans: all that rules may read of it, as one text, and the names of what it worked out anew."""

    def __init__(self, results="build", config=None, has_producer=lambda path: path == "audio/own.wav"):
        self.anew = []
        with pytest.MonkeyPatch.context() as patch:
            for module, kind in (
                (anew, "house_lines"),
                (anew, "song_lines"),
                (anew_collections, "collection_lines"),
            ):
                patch.setattr(module, kind, self._noting(getattr(module, kind)))
            read = {**yaml.safe_load(Path("config.yaml").read_text()), **(config or {})}
            plans = Plans(read, ["config.yaml"], results, has_producer, lambda: None)
            found = [plans.song(name) for name in plans.settings.songs]
            for name in plans.settings.albums:
                songs = plans.songs_of("album", name, plans.settings.songs)
                found.append(plans.collection("album", name, songs))
            self.text = json_text([vars(plans.settings), *map(self._said, found)])

    def _noting(self, function):
        def noting(first, *others):
            self.anew.append(first.song.name if hasattr(first, "song") else "house")
            return function(first, *others)

        return noting

    def _said(self, plan):
        return [
            [
                plan.title,
                plan.warnings,
                plan.strips,
                plan.solo,
                plan.stages,
                plan.unrepeatable,
                plan.source_files,
            ],
            plan.written,
            [
                [
                    entry.path,
                    plan.job(entry),
                    plan.verification(entry),
                    [plan.job_needs(entry), plan.verification_needs(entry)],
                    _paths(plan.job_inputs(entry)),
                    _paths(plan.verification_inputs(entry)),
                    [other.path for other in entry.upstream()],
                ]
                for entry in plan.artifacts
            ],
        ]


def _paths(inputs):
    return {
        role: [(type(entry).__name__, entry.path) for entry in entries] for role, entries in inputs.items()
    }


def replaced_by_a_link():
    sound("elsewhere/loop.wav", 0.5)
    os.remove("audio/loop.wav")
    os.symlink("../elsewhere/loop.wav", "audio/loop.wav")


def edited_code():
    """A copy of the code, with an edit of what all stems use."""
    package = remembered._PACKAGE
    copy = Path("code/stemwright")
    if not copy.exists():
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with open(copy / "sources/audio.py", "a", encoding="utf-8") as file:
        file.write("EDITED = 1\n")
    remembered._PACKAGE = fingerprint._ROOT = copy.resolve()


@pytest.fixture
def forget_code():
    """What is known of the code in this process is found anew."""
    before = remembered._PACKAGE, fingerprint._ROOT

    def forget():
        for known in (
            remembered._code,
            remembered._world,
            remembered._surroundings,
            fingerprint._imports,
            fingerprint._digest,
            fingerprint._file,
        ):
            known.cache_clear()
        fingerprint.known.clear()

    yield forget
    remembered._PACKAGE, fingerprint._ROOT = before
    forget()


SONGS_ANEW = ["tune", "both"]
EDITS = {
    "a song's file": (lambda: write("songs/tune.yaml", {**SONG, "bpm": 60}), SONGS_ANEW),
    "a longer reference": (lambda: sound("audio/drums.wav", 1.5), SONGS_ANEW),
    "another sample in a folder": (lambda: sound("audio/keys/D3.wav"), SONGS_ANEW),
    "a sample that is gone": (lambda: os.renames("audio/keys/C3.wav", "audio/keys/E3.wav"), SONGS_ANEW),
    "another MIDI file": (lambda: midi("audio/bass.mid", 41), SONGS_ANEW),
    "a link in place of a file": (replaced_by_a_link, SONGS_ANEW),
    "house rules": (
        lambda: write("config.yaml", {**CONFIG, "gates": {"true_peak": {"max_dbtp": -2}}}),
        ["house", "tune", "other", "both"],
    ),
    "one more song": (
        lambda: (
            write("songs/new.yaml", OTHER),
            write("config.yaml", {**CONFIG, "songs": ["tune", "other", "new"]}),
        ),
        ["house", "new"],
    ),
    "an album": (lambda: write("albums/both.yaml", {"songs": ["other"]}), ["both"]),
    "our code": (edited_code, ["house", "tune", "other", "both"]),
}


SAME_PLAN = [
    EDITS[name][0] for name in ("another MIDI file", "a link in place of a file")
]  # it might be wrong now
QUICK = ("a song's file", "another sample in a folder", "house rules")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [pytest.param(*EDITS[name], id=name, marks=() if name in QUICK else pytest.mark.long) for name in EDITS],
)
def test_an_edit_of_anything_is_planned(edit, expected, forget_code):
    first = Run()
    again = Run()
    assert (first.anew, again.anew) == (["house", "tune", "other", "both"], []) and again.text == first.text
    edit()
    forget_code()
    edited = Run()
    shutil.rmtree(KEPT)
    without = Run()
    assert edited.text == without.text and edited.anew == expected
    assert (edited.text == first.text) == (edit in SAME_PLAN)


@pytest.mark.long
def test_what_the_command_asks_for():
    """The output root, `--config` and the rules that make files are asked for again; what other songs make is kept."""
    Run()
    for change, expected in (
        ({"results": "out"}, ["tune", "other", "both"]),
        ({"config": {"solo": "loop"}}, ["house", "tune", "other", "both"]),
        ({"config": {"report": False}}, ["house", "tune", "other", "both"]),
        ({"config": {"report": False, "songs": ["other", "tune"]}}, ["house"]),
    ):
        found = Run(**change)
        assert found.anew == expected and found.text == Run(**change).text
    assert Run().anew[0] == "house"
    with pytest.raises(InvalidFileError, match=r"stems\.own\.source\.audio\.file: there is no such file"):
        Run(has_producer=lambda path: False)
    assert Run().anew == []  # mistakes are not kept, and do away with nothing


def test_fingerprints_are_kept_for_songs_that_change(forget_code, monkeypatch):
    fingerprinted = fingerprint._fingerprint

    def fail(scripts, modules):
        raise AssertionError("worked out again")

    forget_code()
    first = Run()
    write("songs/tune.yaml", {**SONG, "bpm": 60})
    forget_code()
    monkeypatch.setattr(fingerprint, "_fingerprint", fail)
    edited = Run()  # they come from the file
    assert edited.anew == ["tune", "both"] and edited.text != first.text
    shutil.rmtree(KEPT)
    FINGERPRINTS.write_bytes(FINGERPRINTS.read_bytes().replace(b"code", b"c0de", 1))
    forget_code()
    with pytest.raises(AssertionError, match="worked out again"):
        Run()  # the file is damaged
    monkeypatch.setattr(fingerprint, "_fingerprint", fingerprinted)
    assert Run().text == edited.text


def test_another_library_or_user_is_another_world(tmp_path, monkeypatch, forget_code):
    monkeypatch.syspath_prepend(tmp_path)
    worlds = set()
    for change in (
        lambda: None,
        lambda: os.mkdir("new-1.0.dist-info"),
        lambda: os.rename("new-1.0.dist-info", "new-1.1.dist-info"),
        lambda: monkeypatch.setenv("HOME", str(tmp_path)),
        lambda: monkeypatch.setattr(os, "geteuid", lambda: 12_345),
        lambda: monkeypatch.setattr(sys, "version", "3.99"),
    ):
        change()
        forget_code()
        worlds.add(remembered._world())
    assert len(worlds) == 6


def test_the_template_of_several_songs():
    """It is read once, for all songs of a table; an edit of it is one of each of them."""
    rows = {"songs": [{"table": "songs.csv", "template": "template.yaml"}], "albums": []}
    write("config.yaml", {**CONFIG, **rows})
    Path("songs.csv").write_text("name,note\na,A4\nb,A3\n")
    template = {**OTHER, "stems": {"sine": {"source": {"tone": {"note": "$note"}}}}}
    write("template.yaml", template)
    assert Run().anew == ["house", "a", "b"] and Run().anew == []
    write("template.yaml", {**template, "length": "2 s"})
    edited = Run()
    shutil.rmtree(KEPT)
    assert edited.anew == ["a", "b"] and edited.text == Run().text
    Path("songs.csv").write_text("name,note,mood\na,A4,\nb,A3,\n")
    assert Run().anew == ["house", "a", "b"]  # it is told of the column that nothing uses


def test_where_the_cache_is(tmp_path, monkeypatch):
    """Of a folder, jobs are told the whole path, which a project that is moved finds anew."""
    write("moved/config.yaml", CONFIG)
    for folder, location, expected in (
        (".", "~/cache", os.path.expanduser("~/cache")),
        (".", "cache", f"{tmp_path}/cache"),
        ("moved", "cache", f"{tmp_path}/moved/cache"),
    ):
        monkeypatch.chdir(tmp_path / folder)
        if folder == "moved":
            shutil.copytree(tmp_path / ".snakemake", ".snakemake")
        plans = Plans(
            {**CONFIG, "cache": location}, ["config.yaml"], "build", lambda path: False, lambda: None
        )
        assert plans.settings.cache == expected


def test_jobs_are_expected_where_something_is_planned_anew():
    begun = []
    for expected in (True, False):  # the second time, all is known
        plans = Plans(
            CONFIG,
            ["config.yaml"],
            "build",
            lambda path: path == "audio/own.wav",
            lambda: begun.append(1),
        )
        plans.song("tune")
        assert bool(begun) == expected
        begun.clear()


def test_a_program_that_is_installed_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{tmp_path}")
    missing = Run().text
    assert "there is no program 'no-such-program'" in missing
    Path("no-such-program").write_text("#!/bin/sh\n")
    os.chmod("no-such-program", 0o755)
    facts._facts["stemwright.base.programs:is_installed"].cache_clear()  # as in another process
    assert "there is no program" not in Run().text


def test_the_plan_is_that_of_the_song():
    """What comes from JSON is what the song itself gives, to the order of keys: Snakemake compares params as text."""
    rules = load_house(CONFIG, ["config.yaml"])
    plan = Plan(
        load_song("tune", rules, "songs/tune.yaml", "build", lambda path: path == "audio/own.wav"), "build"
    )
    for _ in range(2):
        planned = Plans(
            CONFIG, ["config.yaml"], "build", lambda path: path == "audio/own.wav", lambda: None
        ).song("tune")
        for ours, theirs in zip(plan.artifacts, planned.artifacts, strict=True):
            assert repr(plan.job(ours)) == repr(planned.job(theirs))
            assert repr(plan.verification(ours)) == repr(planned.verification(theirs))
    ledger = Path(planned.artifacts[0].ledger)
    ledger.parent.mkdir(parents=True)
    ledger.write_text("{}\n{}\n")
    assert planned.job(planned.artifacts[0])["refusals"] == 2


@pytest.mark.long
@pytest.mark.parametrize("content", [b"", b"\0", b"[]\n", b"x" * 64 + b"\n{}\n[]"])
def test_what_is_kept_and_damaged_is_not_used(content):
    whole = Run().text
    for place in KEPT.iterdir():
        place.write_bytes(content)
    found = Run()
    assert found.text == whole and len(found.anew) == 4 and Run().anew == []
    for place in KEPT.iterdir():
        lines = place.read_bytes().split(b"\n")
        place.write_bytes(b"\n".join([*lines[:-1], lines[-1].replace(b"a", b"b", 1) + b" "]))
    assert Run().text == whole


def test_what_changes_and_back_while_it_is_read_is_not_kept():
    def changing(ask):
        before = Path("songs/other.yaml").read_bytes()
        Path("songs/other.yaml").write_bytes(b"meanwhile")
        lines = [Path("songs/other.yaml").read_text()]
        Path("songs/other.yaml").write_bytes(before)
        return lines

    assert remembered.remembered("x", [], lambda: changing) == [b"meanwhile"]
    assert remembered.remembered("x", [], lambda: lambda ask: ["later"]) == [b"later"]


def test_where_nothing_can_be_kept():
    KEPT.parent.mkdir(parents=True)
    KEPT.write_text("a file, where the folder is to be")
    assert Run().text == Run().text and KEPT.is_file()


@pytest.mark.long
def test_code_that_may_have_been_edited_while_it_was_imported(monkeypatch):
    monkeypatch.setattr(remembered, "_EARLIER_NS", 10**18)
    assert Run().anew == Run().anew == ["house", "tune", "other", "both"]


@pytest.mark.long
def test_two_runs_at_once():
    """They plan otherwise, and each finds what the other has kept: it is whole, or is not used."""
    expected = {results: Run(results).text for results in ("build", "out")}
    assert expected["build"] != expected["out"]

    def run(results):
        sys.exit(0 if all(Run(results).text == expected[results] for _ in range(4)) else 1)

    runs = [multiprocessing.get_context("fork").Process(target=run, args=[results]) for results in expected]
    for each in runs:
        each.start()
    for each in runs:
        each.join(60)
    assert [each.exitcode for each in runs] == [0, 0]
    assert not list(KEPT.glob("*.part"))
