"""Albums: what a valid one means, and every mistake in one, by file, line and key."""

from __future__ import annotations

import pytest
import yaml as pyyaml

from stemwright.song.house import load_house
from stemwright.song.load import load_song
from stemwright.song.load_album import check_songs, load_album, read_album
from stemwright.validation.problems import InvalidFileError

SONG = "title: {title}\nlength: {length}\nstems: {{a: {{source: {{tone: {{note: A2}}}}}}}}\n{more}"
SONGS = {
    "one": SONG.format(title="One", length="2 s", more="metadata: {isrc: US-RC1-76-07839}\n"),
    "two": SONG.format(title="Two", length="3 s", more="artist: Two People\nbpm: 90.5\n"),
    "tiny": SONG.format(title="Tiny", length="1 ms", more=""),
}
HOUSE = (
    "songs: [one, two, tiny]\nalbums: [night]\nsession: {sample_rate: 8000}\ngates: {cue: {severity: warn}}\n"
)


@pytest.fixture
def album(tmp_path, monkeypatch):
    """`album(text)`: the album of this YAML, loaded with its songs."""
    monkeypatch.chdir(tmp_path)
    for name, text in SONGS.items():
        (tmp_path / f"{name}.yaml").write_text(text)

    def album(text, house=HOUSE):
        (tmp_path / "config.yaml").write_text(house)
        (tmp_path / "night.yaml").write_text(text)
        rules = load_house(pyyaml.safe_load(house), ["config.yaml"])
        found = read_album("night", rules, "night.yaml")
        check_songs(found, SONGS)
        return load_album(found, {name: load_song(name, rules, f"{name}.yaml") for name in found.songs})

    return album


def mistakes(album, text, house=HOUSE):
    with pytest.raises(InvalidFileError) as caught:
        album(text, house)
    return str(caught.value).splitlines()


def test_what_a_short_one_means(album):
    found = album("songs: [one, two]\n")
    assert found.title == "night"
    assert [(t.number, t.title, t.artist, t.isrc, t.file) for t in found.tracks] == [
        (1, "One", "", "USRC17607839", "01_One.wav"),
        (2, "Two", "Two People", "", "02_Two.wav"),
    ]
    # 88,200 frames are 150 sectors, a gap of 2 s is 150.
    assert [(t.mark, t.pause) for t in found.disc] == [(0, None), (300, 150)]
    assert found.document.gates.cue == {"severity": "warn"} and found.target == {}


def test_every_key(album):
    found = album(
        'title: Nuits "blanches"\nartist: Anyone\nupc: "036000291452"\ngap: 0 s\ntarget: aes77\n'
        "songs:\n  - two: {title: Zwei, isrc: GBAYE0601498}\n  - one: {gap: 1 s, artist: One}\n"
        "delivery: {container: FLAC, names: {track: '{number} {artist} - {title}'}}\n"
    )
    assert found.cue.catalog == "0036000291452"
    assert [t.file for t in found.tracks] == ["01 Two People - Zwei.flac", "02 One - One.flac"]
    assert [(t.title, t.performer, t.isrc) for t in found.cue.tracks] == [
        ("Zwei", "Two People", "GBAYE0601498"),
        ("One", "One", "USRC17607839"),
    ]
    assert found.target["album_lufs"] == -14 and found.cue.tracks[1].mark == 225 + 75


@pytest.mark.parametrize(
    "text, said",
    [
        ("title: x\n", "songs: is required"),
        ("songs: []\n", "songs: must have at least 1"),
        ("songs: [one, tow]\n", "night.yaml:1: songs[1]: there is no song 'tow'; did you mean two?"),
        (
            "songs:\n- one\n- jazz/two\n",
            "night.yaml:3: songs[1]: there is no song 'jazz/two'; did you mean two?",
        ),
        ("songs: [one, ONE]\n", "repeats ONE"),
        ("songs:\n  - one: {gap: 1 s}\n  - two\n", "the first song begins the album: leave gap out"),
        ("songs: [one]\ngap: 2 bars\n", "gap: must be in seconds"),
        ("songs: [one]\nupc: '036000291453'\n", "its last digit would be 2"),
        ("songs: [one]\nsongz: 3\n", "songz"),
        ("songs:\n  - one: {isrc: X}\n", "must be an ISRC"),
        ("songs: [one]\ntarget: acx\n", "acx is a level of RMS"),
        ("songs: [one]\ntitle: ''\n", "title: must not be empty"),
        (
            "songs: [one]\ndelivery: {container: FLAC, subtype: FLOAT}\n",
            "subtype: must be PCM_16 or PCM_24 for FLAC",
        ),
        ("songs: [one]\ndelivery: {channels: split}\n", "each song is one file"),
        (
            "songs: [one, two]\ndelivery: {names: {track: x}}\n",
            "gives x.wav to two and to one; names must differ",
        ),
        ("songs: [one]\ndelivery: {names: {track: night}}\n", "gives night.wav to one and to the disc"),
        ("songs: [one]\ndelivery: {names: {track: '{bpm}'}}\n", "uses {bpm}, which has no value"),
        ("songs: [tiny, one]\ngap: 0 s\n", "songs[0]: tiny is shorter than a sector of a disc"),
        ("songs: [one]\ntitle: a/b\ndelivery: {names: {track: '{album}'}}\n", "names.track"),
    ],
)
def test_mistakes(album, text, said):
    (line,) = mistakes(album, text)
    assert line.startswith("night.yaml") and said in line


def test_all_mistakes_are_told_at_once_and_those_of_the_house_in_its_file(album):
    lines = mistakes(album, "songs: [one]\nupc: x\ngap: 3\nsongz: 1\n")
    assert len(lines) == 3
    (line,) = mistakes(album, "songs: [one]\n", HOUSE + "delivery: {channels: split}\n")
    assert line.startswith("config.yaml:5: delivery.channels: ") and "(in night.yaml)" in line


def test_the_folder_of_albums_is_no_song():
    with pytest.raises(
        InvalidFileError, match="must not be Albums: albums are built in a folder of that name"
    ):
        load_house({"songs": ["Albums"]}, [])


def test_repeated_albums():
    with pytest.raises(InvalidFileError, match=r"albums\[1\]: repeats a"):
        load_house({"songs": ["x"], "albums": ["a", "A"]}, [])


def test_no_more_songs_than_a_disc_can_have(album):
    songs = ", ".join(f"s{number}" for number in range(100))
    (line,) = mistakes(album, f"songs: [{songs}]\n")
    assert "songs: must have at most 99" in line
