"""`--batch all=1/3`: each batch builds a third of the songs, and all together build all of them."""

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.snakemake_patches import whole_batches
from stemwright.workflow.batches import Batches

SONG = {
    "bpm": 120,
    "length": "0.5 s",
    "sections": [{"all": "remainder"}],
    "stems": {"tone": {"source": {"tone": {"note": "A4"}}}},
}
NAMES = ["b", "a", "ep/c"]


def test_batches_build_all_songs_and_each_its_own(empty):
    empty.write("config.yaml", {"songs": NAMES, "session": {"sample_rate": 8_000, "channels": 1}})
    for name in NAMES:
        empty.write(f"songs/{name}.yaml", SONG)
    (empty / "songs/b.yaml").write_text(
        "no song", encoding="utf-8"
    )  # of the second batch, and not read in the first
    empty.snakemake("--batch", "all=1/3")
    assert (empty / "build/a/a.zip.ok").exists() and not (empty / "build/b").exists()
    empty.write("songs/b.yaml", SONG)
    assert "not all previous batches" in empty.fails("--batch", "all=3/3", "-n").text
    empty.snakemake("--batch", "all=2/3")
    assert (empty / "build/b/b.zip.ok").exists() and not (empty / "build/ep").exists()
    empty.snakemake("--batch", "all=3/3")
    assert empty.snakemake("-n").jobs == []


def batches(songs, *words):
    return Batches(songs, lambda file: file.split("/")[0] if file.startswith("s") else "", words)


@pytest.mark.parametrize("number", range(1, 8))
def test_each_song_is_in_one_batch(number):
    songs = [f"s{i}" for i in range(7)]
    files = [f"{song}/{kind}" for song in songs for kind in ("x", "y")] + ["albums/x"]
    chosen = [batches(songs).choose(files, index, number) for index in range(1, number + 1)]
    assert sorted(file for batch in chosen for file in batch) == sorted(files)
    sizes = [len({file.split("/")[0] for file in batch if file != "albums/x"}) for batch in chosen]
    assert max(sizes) - min(sizes) <= 1 and "albums/x" in chosen[-1]


def test_more_batches_than_songs():
    with pytest.raises(StemwrightError, match="there are 2 songs, so at most 2 batches, and not 3"):
        batches(["s0", "s1"]).choose([], 1, 3)


@pytest.mark.parametrize(
    ("words", "targets", "is_partial", "songs"),
    [
        ("--batch all=1/2", "", True, ["s0"]),
        ("--batch=all=1/2", "all", True, ["s0"]),
        ("--batch all=2/2", "", False, ["s1", "s2"]),
        ("--batch masters=1/2", "masters", True, ["s0"]),
        ("--batch all=1/2", "masters", False, ["s0"]),
        ("", "", False, ["s0", "s1", "s2"]),
    ],
    ids=lambda value: str(value).replace(" ", "_") or "none",
)
def test_which_songs_are_read(words, targets, is_partial, songs, monkeypatch):
    monkeypatch.setattr(whole_batches.PATCH, "is_in_use", True)
    found = batches(["s2", "s1", "s0"], *words.split())
    assert found.is_partial(targets.split()) is is_partial
    assert found.songs == songs


def test_where_snakemake_cuts_by_itself_all_songs_are_read(monkeypatch):
    monkeypatch.setattr(whole_batches.PATCH, "is_in_use", False)
    found = batches(["s1", "s0"], "--batch", "all=1/2")
    assert not found.is_partial([]) and found.songs == ["s0", "s1"]
