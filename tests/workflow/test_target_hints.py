"""A target that no rule makes: what was meant is told."""

from pathlib import Path

import pytest

from stemwright.validation.problems import InvalidFileError
from stemwright.workflow.requested_targets import RequestedTargets
from stemwright.workflow.target_hints import hint, song_file

NAMES = ["all", "stems", "masters", "archives", "audit", "prune", "measure"]
KNOWN = [
    f"build/{song}/{file}{end}"
    for song in ("tiny", "night-bus")
    for file in (f"{song}.zip", "stems/bass.wav", "processed/bass.wav", "mix/mix.wav", "master/master.wav")
    for end in ("", ".ok")
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "songs").mkdir()
    for name in ("tiny.yaml", "night-bus.yaml", "other.yaml", "old.yml"):
        (tmp_path / "songs" / name).write_text("")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("other", "songs/other.yaml exists but is not listed: add other to songs in config.yaml"),
        ("build/other/other.zip.ok", "songs/other.yaml exists but is not listed"),
        ("other.zip", "songs/other.yaml exists but is not listed"),
        (
            "old",
            "songs/old.yml exists but is not listed: add old to songs in config.yaml, renamed to old.yaml",
        ),
        ("build/old/old.zip", "songs/old.yml exists but is not listed"),
        ("master", "did you mean masters?"),
        ("stem", "did you mean stems?"),
        ("archive", "did you mean archives?"),
        ("tiny.zip", "did you mean build/tiny/tiny.zip?"),
        ("tiny/tiny.zip.ok", "did you mean build/tiny/tiny.zip.ok?"),
        ("bass.wav", "did you mean build/tiny/stems/bass.wav?"),
        ("night-bsu", "did you mean build/night-bus/night-bus.zip?"),
        ("nightbus.zip", "did you mean build/night-bus/night-bus.zip?"),
        ("songs/tiny.yaml", "to build all of song tiny: snakemake build/tiny/tiny.zip.ok"),
        ("./songs/other.yaml", "songs/other.yaml exists but is not listed"),
        ("tiny.wav", "to build all of song tiny: snakemake build/tiny/tiny.zip.ok"),
        ("build/nigth-bus/stems/bass.wav", "did you mean build/night-bus/stems/bass.wav?"),
        ("build/nigth-bus/nigth-bus.zip", "did you mean build/night-bus/night-bus.zip?"),
        ("build/xyzzy/xyzzy.zip", "there is no song xyzzy; known are: tiny, night-bus"),
        ("qwertz", "targets are all, stems, masters, archives, audit, prune, measure, or files below build/"),
    ],
)
def test_hints(target, says):
    archives = {song: f"build/{song}/{song}.zip.ok" for song in ("tiny", "night-bus")}
    assert says in hint(target, "build", archives, NAMES, KNOWN)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("build/rock/bleu/stems/bass.wav", "no song rock/bleu; did you mean build/rock/blue/stems/bass.wav?"),
        ("build/rock/bleu/bleu.zip", "no song rock/bleu; did you mean build/rock/blue/blue.zip?"),
        ("build/rock/blue/stems/bas.wav", "did you mean build/rock/blue/stems/bass.wav?"),
        ("build/jazz/x/mix/mix.wav", "songs/jazz/x.yaml exists but is not listed: add jazz/x to songs"),
        ("songs/rock/blue.yaml", "to build all of song rock/blue: snakemake build/rock/blue/blue.zip.ok"),
        ("rock/blue.wav", "to build all of song rock/blue: snakemake build/rock/blue/blue.zip.ok"),
        ("blue.zip", "did you mean build/rock/blue/blue.zip?"),
    ],
)
def test_hints_at_songs_in_folders(target, says):
    Path("songs/jazz").mkdir()
    Path("songs/jazz/x.yaml").write_text("")
    known = [f"build/rock/blue/{file}" for file in ("blue.zip", "stems/bass.wav", "mix/mix.wav")]
    archives = {"rock/blue": "build/rock/blue/blue.zip.ok", "tiny": "build/tiny/tiny.zip.ok"}
    assert says in hint(target, "build", archives, NAMES, known)


def test_the_songs_that_targets_in_folders_belong_to():
    songs = ["blue", "rock/blue", "rock/red"]
    for word, asked in (
        ("build/rock/blue/stems/blue.wav", ["rock/blue"]),
        ("./build/blue/rock/blue.wav", ["blue"]),
        ("render_stem:song=rock/red,stem=blue", ["rock/red"]),
        ("build/rock/green/x.wav", []),
        ("--cores", songs),
    ):
        assert RequestedTargets("build", songs, [word], ["all"]).songs == asked


def test_the_file_of_a_song():
    assert song_file("tiny") == "songs/tiny.yaml" and song_file("qwertz") == "songs/qwertz.yaml"
    Path("songs/rock").mkdir()
    Path("songs/rock/blue.yaml").write_text("")
    for name, says in (
        ("old", "rename songs/old.yml"),
        ("nightbus", "did you mean night-bus?"),
        ("blue", "did you mean rock/blue?"),
        ("rcok/blue", "did you mean rock/blue?"),
    ):
        with pytest.raises(InvalidFileError, match=says) as caught:
            song_file(name)
        assert str(caught.value).startswith(f"songs/{name}.yaml: is missing")
