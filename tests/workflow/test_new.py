"""`snakemake new` starts a song, whatever state other songs are in; the song builds."""

import numpy as np
import pytest
import soundfile as sf
import yaml
from exports import export, stems

import new_song


def test_a_song_from_recordings_is_started_and_adds_up_to_its_mix(empty):
    """The mix that is built is compared with the given one by NumPy."""
    gains = {"bass": 0.5, "drums": 0.8, "keys": -0.6, "vocals": 1.2}
    parts = stems(frames=8_000)
    mix = sum(gains[name] * sound for name, sound in parts.items())
    export(empty / "takes", parts, mix)
    before = empty.tree("takes")
    empty.write(
        "config.yaml", "# mine\nsongs:\n  - broken # mine too\nsession: {sample_rate: 8000}\nreport: false\n"
    )
    empty.write("songs/broken.yaml", "no: [song")
    run = empty.snakemake("new", "--config", "song=new", "audio=takes")
    assert "songs/new.yaml: written, and added to `songs` in config.yaml" in run.text
    assert (empty / "config.yaml").read_text().splitlines()[:4] == [
        "# mine",
        "songs:",
        "  - broken # mine too",
        "  - new",
    ]
    assert "new: say what the song is called" in empty.fails("new").text
    empty.snakemake("build/new/mix/mix.wav.ok")
    built, _ = sf.read(empty / "build/new/mix/mix.wav")
    assert 10 * np.log10(np.sum((built - mix) ** 2) / np.sum(mix**2)) < -90
    assert empty.tree("takes") == before


@pytest.mark.long
def test_a_song_to_begin_with_builds_without_a_warning(empty):
    empty.write("config.yaml", {"songs": ["new"], "session": {"sample_rate": 16000}, "report": False})
    empty.snakemake("new", "--config", "song=new", "style=waltz")
    run = empty.snakemake("build/new/new.zip.ok")
    assert "warn" not in run.text.lower()
    assert yaml.safe_load((empty / "songs/new.yaml").read_text())["meter"] == "3/4"


def test_what_cannot_be_started_is_refused_before_anything_runs(tiny_song):
    before = tiny_song.tree()
    for answers, says in (
        (["song=tiny"], ["--config: song: songs/tiny.yaml exists already, and is left as it is"]),
        (["song=Tiny"], ["--config: song: Tiny repeats tiny"]),
        (
            ["song=x", "style=bebop"],
            ["--config: style: there is none of that name (is 'bebop'); known are: "],
        ),
        (["song=x", "audio=nowhere"], ["--config: audio: nowhere: there is no such folder"]),
        (["song=tiny", "key=H"], ["--config: key: must be a key"]),
        (["song=tiny", "style=wlatz"], ["exists already", "did you mean waltz?"]),
    ):
        run = tiny_song.fails("new", "--config", *answers)
        assert all(each in run.text for each in says), run.text
        assert "Mistake:\n" in run.text and "Nothing was built." in run.text and "FAILED" not in run.text
    assert tiny_song.tree() == before


@pytest.fixture
def tiny_song(empty):
    empty.write("config.yaml", {"songs": ["tiny"]})
    empty.write("songs/tiny.yaml", {"length": "1 s", "stems": {"a": {"source": {"tone": {"note": "A2"}}}}})
    return empty


def test_a_first_song_as_by_the_program(empty, tmp_path, monkeypatch, capsys):
    """Without a config.yaml, `snakemake new` writes what `python scripts/new_song.py` does, and refuses the same."""
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    for name, style, says in (
        ("x", "bebop", "style: there is none of that name"),
        ("../x", "pop", "song: must be"),
    ):
        assert new_song.main([name, "--style", style]) == 2
        for text in (
            empty.fails("new", "--config", f"song={name}", f"style={style}").text,
            capsys.readouterr().err,
        ):
            assert says in text and text.count("must be") == (name == "../x") and "WorkflowError" not in text
    assert empty.tree() == {} and not list(other.iterdir())
    empty.snakemake("new", "--config", "song=rock/new", "style=waltz", "bpm=100")
    assert new_song.main(["rock/new", "--style", "waltz", "--bpm", "100"]) == 0
    written = [
        [line for line in (folder / "songs/rock/new.yaml").read_text().splitlines() if "$schema" not in line]
        for folder in (empty, other)
    ]
    assert written[0] == written[1]
    for folder in (empty, other):
        assert yaml.safe_load((folder / "config.yaml").read_text()) == {"songs": ["rock/new"]}


def test_without_a_config_it_is_told_how_to_start(empty):
    for command in (["-n"], ["new"], ["build/x/x.zip"], ["new", "--config", "song="]):
        run = empty.fails(*command)
        assert "config.yaml: there is none in " in run.text and "new --config song=night-bus" in run.text
        assert "WorkflowError" not in run.text and not list(empty.path.glob("[a-z]*"))
