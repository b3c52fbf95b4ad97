"""Datasets: what a valid one means, how songs are dealt to splits, and every mistake in one."""

import hashlib

import pytest

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.load_dataset import deal, load_dataset, read_dataset
from stemwright.validation.problems import InvalidFileError

SONG = "title: {title}\nlength: 1 s\nstems: {{a: {{source: {{tone: {{note: A2}}}}}}}}\n"
SONGS = ["one", "two", "three"]
ROWS = {"one": {"fold": "train"}, "two": {"fold": "test"}, "three": {"fold": "a b"}}


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    """`dataset(text)`: the dataset of this YAML, loaded with its songs."""
    monkeypatch.chdir(tmp_path)
    for name in SONGS:
        (tmp_path / f"{name}.yaml").write_text(SONG.format(title=name.title()))

    def dataset(text):
        (tmp_path / "mini.yaml").write_text(text)
        house = {"session": {"sample_rate": 8_000}, "delivery": {"names": {"stem": "{stem}"}}}
        rules = load_house({"songs": SONGS, **house}, [])
        found = read_dataset("mini", rules, "mini.yaml")
        names = found.songs(SONGS)
        return load_dataset(found, {name: load_song(name, rules, f"{name}.yaml") for name in names}, ROWS)

    return dataset


def test_what_a_short_one_means(dataset):
    found = dataset("songs: ['*']\n")
    assert (found.title, found.document.version, found.document.audio) == ("mini", "1.0", ["mix", "stems"])
    assert [(track.id, track.split) for track in found.tracks] == [("one", ""), ("three", ""), ("two", "")]


@pytest.mark.parametrize(
    "splits, expected",
    [
        ("{songs: {train: [t*], test: [one]}}", {"one": "test", "two": "train", "three": "train"}),
        ("{fractions: {train: 0.5, test: 0.5}, seed: 2}", None),
    ],
)
def test_splits(dataset, splits, expected):
    found = {track.song.name: track.split for track in dataset(f"songs: ['*']\nsplits: {splits}\n").tracks}
    assert found == (expected or {name: dealt_by_hand(name, 2) for name in SONGS})


def dealt_by_hand(name, seed):
    """Below a half of all digests, the first split by name is meant."""
    return "test" if hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()[0] in "01234567" else "train"


def test_a_column(dataset):
    found = dataset("songs: [one, two]\nsplits: {column: fold}\n")
    assert {track.id: track.split for track in found.tracks} == {"one": "train", "two": "test"}


def test_songs_are_dealt_by_their_name_alone_and_in_proportion():
    fractions = {"train": 0.8, "valid": 0.1, "test": 0.1}
    dealt = [deal(f"song-{n}", fractions, 1) for n in range(4_000)]
    # Of 4,000 draws, four standard deviations are 101 of 3,200 and 76 of 400.
    assert abs(dealt.count("train") - 3_200) < 101 and abs(dealt.count("valid") - 400) < 76
    assert dealt == [deal(f"song-{n}", dict(reversed(fractions.items())), 1) for n in range(4_000)]
    assert dealt != [deal(f"song-{n}", fractions, 2) for n in range(4_000)]


def test_tracks_are_in_the_order_of_their_names_and_have_none_of_a_stem(dataset, tmp_path):
    titles = "songs: ['*']\ndelivery: {names: {track: '{title}'}}\n"
    (tmp_path / "one.yaml").write_text(SONG.format(title="Zed"))
    assert [track.id for track in dataset(titles).tracks] == ["Three", "Two", "Zed"]
    (tmp_path / "one.yaml").write_text(SONG.format(title="Two-A"))
    with pytest.raises(InvalidFileError, match="gives Two-a to two and to one; names must differ"):
        dataset(titles)
    assert len(dataset(f"{titles}audio: [mix]\n").tracks) == 3


@pytest.mark.parametrize(
    "text, expected",
    [
        ("songs: [four]", "songs[0]: four: names no song of this run"),
        (
            "songs: ['*']\nsplits: {}",
            "splits: must have one of fractions, songs and column (has none of them)",
        ),
        (
            "songs: ['*']\nsplits: {column: fold, songs: {a: ['*']}}",
            "splits: must have one of fractions, songs and column (has songs and column)",
        ),
        ("songs: ['*']\nsplits: {fractions: {a: 0.5}}", "splits.fractions: must add up to 1 (is 0.5)"),
        ("songs: ['*']\nsplits: {songs: {a: ['*'], b: [one]}}", "splits.songs: puts it in a and b"),
        (
            "songs: ['*']\nsplits: {songs: {a: [t*]}}",
            "splits.songs: has no split: each song must be in one (one)",
        ),
        (
            "songs: [one]\nsplits: {songs: {a: ['*'], b: [two]}}",
            "splits.songs.b: gets no song of 1: add a song",
        ),
        ("songs: [one]\nsplits: {fractions: {a: 0.5, b: 0.5}}", "gets no song of 1: choose another seed"),
        (
            "songs: [one]\nsplits: {column: flod}",
            "splits.column: there is no column 'flod'; did you mean fold?",
        ),
        ("songs: [one, two]\nsplits: {column: flod}", "did you mean fold? (one, and 1 more)"),
        ("songs: [three]\nsplits: {column: fold}", "splits.column: a split must be letters, digits"),
        ("songs: ['*']\ndelivery: {names: {track: x}}", "delivery.names.track: gives x to"),
        ("songs: ['*']\ndelivery: {channels: split}", "delivery.channels: must be 1 or 2"),
        (
            "songs: ['*']\ndelivery: {container: FLAC, subtype: FLOAT}",
            "delivery.subtype: must be PCM_16 or PCM_24 for FLAC",
        ),
        ("songs: ['a b']", "songs[0]: must be the name of a song, in which * is any text"),
        ("songs: ['*']\nversion: '1 0'", "version: must be a version such as '1.0'"),
        ("songs: ['*']\naudio: [stem]", "audio[0]: must be"),
    ],
)
def test_mistakes(dataset, text, expected):
    with pytest.raises(InvalidFileError) as caught:
        dataset(f"{text}\n")
    said = str(caught.value)
    assert said.startswith("mini.yaml") and "Traceback" not in said
    assert expected in said, said
