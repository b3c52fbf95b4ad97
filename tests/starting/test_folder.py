"""What is in a folder of recordings, and what its stems are called."""

import os

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.base.errors import StemwrightError
from stemwright.starting.folder import read_folder, stem_names
from stemwright.validation.names import parse_name

RATE = 8_000


def noise(seed, seconds=0.5):
    return 0.1 * np.random.default_rng(seed).normal(0, 1, int(seconds * RATE))


@pytest.mark.parametrize(
    "files, names",
    [
        (["Night Bus - Bass", "Night Bus - Lead Vox (Dbl)"], ["Bass", "Lead_Vox_Dbl"]),
        (["01 Kick_98bpm", "02 Snare_98bpm"], ["01_Kick", "02_Snare"]),
        (["Flöte", "flote", "FLOTE"], ["Flote", "flote_2", "FLOTE_3"]),
        (["aux", "mix", "con"], ["stem_aux", "stem_mix", "stem_con"]),
        (["🎸", "бас", "-"], ["stem", "stem_2", "stem_3"]),
        (["Song"], ["Song"]),
    ],
)
def test_names_of_stems(files, names):
    assert stem_names(files) == names


@settings(max_examples=40)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=8))
def test_names_of_any_files_are_names_and_unique(files):
    names = stem_names(files)
    assert len({parse_name(name).casefold() for name in names}) == len(files)


def test_what_is_played_and_what_is_not(tmp_path):
    for name, sound in {
        "bass": noise(1),
        "keys": noise(2, 1),
        "copy": noise(2, 1),
        "\x1b]0;x": noise(3),
    }.items():
        sf.write(tmp_path / f"{name}.wav", sound, RATE)
    (tmp_path / "sub").mkdir()
    sf.write(tmp_path / "sub" / "Öl.flac", noise(4), RATE)
    sf.write(tmp_path / "quiet.wav", np.zeros(RATE), RATE)
    sf.write(tmp_path / "nan.wav", np.full(99, np.nan), RATE, "FLOAT")
    sf.write(tmp_path / "six.wav", np.zeros((99, 6)), RATE)
    sf.write(tmp_path / "Song_mix.wav", noise(1, 1) + noise(2, 1), RATE)
    (tmp_path / "cut.wav").write_bytes((tmp_path / "keys.wav").read_bytes()[:-500])
    (tmp_path / "text.wav").write_text("text")
    (tmp_path / "notes.txt").write_text("text")
    (tmp_path / "gone.wav").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo.wav")
    found = read_folder(str(tmp_path))
    assert list(found.stems) == ["bass", "copy", "Ol"] and found.mix.sound.name == "Song_mix.wav"
    assert found.stems["bass"].peak == pytest.approx(20 * np.log10(np.abs(noise(1)).max()), abs=0.01)
    why = dict(found.left_out)
    assert why["keys.wav"] == "has the same sound as copy.wav" and why["quiet.wav"] == "is silent"
    reasons = {
        "\x1b]0;x.wav": "control character",
        "nan.wav": "not a finite number",
        "six.wav": "6 channels",
        "cut.wav": "truncated",
        "text.wav": "is not WAV",
        "notes.txt": "no sound file",
        "gone.wav": "cannot be read",
        "fifo.wav": "not a regular file",
    }
    for name, says in reasons.items():
        assert says in why[name] and not why[name].startswith(name), why[name]


def test_a_folder_without_recordings(tmp_path):
    (tmp_path / "a.wav").write_text("text")
    with pytest.raises(StemwrightError, match="no recording that a song could play"):
        read_folder(str(tmp_path))
