"""Nothing but what Stemwright made is removed, whatever a ledger or a record says and wherever a link leads."""

import json

import pytest

from stemwright.records.produced import write_produced
from stemwright.records.unclaimed import unclaimed_files


def put(path, content=b"sound"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def made(folder, artifact):
    put(folder / artifact)
    write_produced(folder / f"{artifact}.made", [artifact], root=f"{folder}/")


def refused(folder, artifact, ledger):
    put(folder / ledger, json.dumps({"artifact": artifact}).encode() + b"\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for path in ("precious.wav", "songs/x.yaml", "build/x/precious.wav", "build/precious.wav"):
        put(tmp_path / "work" / path)
    put(tmp_path / "precious.wav")
    return tmp_path / "work"


def found():
    return [str(path) for path in unclaimed_files("build", ["build/x/timeline.json"], ["x"])]


def test_what_was_made_and_refused_is_found(folder):
    made(folder, "build/x/stems/old.wav")
    put(folder / "build/x/mix/bad.wav")
    refused(folder, "build/x/mix/bad.wav", "build/x/refused/mix/bad.wav.jsonl")
    put(folder / "build/x/refused/mix/bad.wav.html")  # why it was refused
    put(folder / "build/x/x.zip")
    refused(folder, "build/x/x.zip", "build/x/refused/archive/x.zip.jsonl")
    put(folder / "build/x/a/b/in.wav")
    refused(folder, "build/x/a/b/in.wav", "build/x/refused/a/b/in.wav.jsonl")
    files = (
        "a/b/in.wav",
        "mix/bad.wav",
        "refused/a/b/in.wav.jsonl",
        "refused/archive/x.zip.jsonl",
        "refused/mix/bad.wav.html",
        "refused/mix/bad.wav.jsonl",
    )
    files += ("stems/old.wav", "stems/old.wav.made", "x.zip")
    assert found() == [f"build/x/{file}" for file in files]


@pytest.mark.parametrize(
    "artifact",
    [
        "build/../precious.wav",
        "build/../../precious.wav",
        "build/x/../../precious.wav",
        "build/x/../precious.wav",
        "build/x/mix/../precious.wav",
        "build/precious.wav",
        "../precious.wav",
        "./build/x/precious.wav",
        "build//x/precious.wav",
        "build/x/mix/../../../precious.wav",
        "songs/x.yaml",
        "/etc/hostname",
        "build/x/" + "a" * 5000,
        "build/x/\0",
        "",
        ["build/x/precious.wav"],
    ],
)
def test_a_ledger_speaks_of_its_own_file_only(folder, artifact):
    for name in ("precious.wav", "x.yaml", "hostname"):
        refused(folder, artifact, f"build/x/refused/mix/{name}.jsonl")
        refused(folder, str((folder / "precious.wav").resolve()), f"build/x/refused/stems/{name}.jsonl")
    assert found() == []


def test_a_ledger_that_is_nested_too_deep_is_no_ledger(folder):
    put(folder / "build/x/refused/mix/a.wav.jsonl", b'{"artifact": ' + b"[" * 100_000)
    assert found() == []


def test_links_are_followed_before_a_file_is_taken_for_ours(folder, tmp_path):
    """A folder that leads out of build/ by a link, in the place of a stage or of a song."""
    made(tmp_path, "build/x/stems/old.wav")  # somebody else's build
    put(folder / "build/x/mix/mix.wav")
    (folder / "build/x/stems").symlink_to(tmp_path / "build/x/stems")
    (folder / "build/y").symlink_to(tmp_path / "build/x")
    refused(folder, "build/x/stems/old.wav", "build/x/refused/stems/old.wav.jsonl")
    refused(folder, "build/y/stems/old.wav", "build/y/refused/stems/old.wav.jsonl")
    assert found() == ["build/x/refused/stems/old.wav.jsonl"]


def test_the_output_root_may_be_a_link_and_so_may_a_file(folder, tmp_path):
    (folder / "build").rename(tmp_path / "disk")
    (folder / "build").symlink_to(tmp_path / "disk")
    made(folder, "build/x/stems/old.wav")
    (folder / "build/x/stems/old.wav").unlink()
    (folder / "build/x/stems/old.wav").symlink_to(tmp_path / "precious.wav")
    assert found() == [
        "build/x/stems/old.wav",
        "build/x/stems/old.wav.made",
    ]  # the link is removed, not its target


def test_songs_in_folders_and_rows_of_tables(folder):
    """A song of another run keeps its files, by its YAML file or since a table has it; one of this run only its own."""
    for song in ("rock/blue", "rock/old", "e/1", "e/2", "albums/night", "albums/old"):
        made(folder, f"build/{song}/stems/a.wav")
    for document in ("songs/rock/blue.yaml", "albums/night.yaml", "songs/albums.yaml", "songs/e/2/stems.yml"):
        put(folder / document)
    files = unclaimed_files("build", [], ["x"], ["e/1"])
    assert [str(path) for path in files if path.suffix == ".wav"] == [
        f"build/{song}/stems/a.wav" for song in ("albums/old", "e/2", "rock/old")
    ]
    files = unclaimed_files("build", ["build/e/1/stems/b.wav"], ["rock/blue", "e/1", "e/2", "albums/night"])
    assert [str(path) for path in files if path.suffix == ".wav"] == [
        f"build/{song}/stems/a.wav"
        for song in ("albums/night", "albums/old", "e/1", "e/2", "rock/blue", "rock/old")
    ]
