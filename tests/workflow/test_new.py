"""`snakemake new` starts a song, whatever state other songs are in; the song builds."""

import numpy as np
import pytest
import soundfile as sf
import yaml
from exports import export, stems


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
