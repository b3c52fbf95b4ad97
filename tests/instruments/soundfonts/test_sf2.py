"""The presets of an SF2 file, and files that are none."""

import struct
import time

import pytest
from soundfonts import chunk, listed, played, soundfont

from stemwright.base.errors import StemwrightError
from stemwright.instruments import Note
from stemwright.instruments.soundfont import Soundfont
from stemwright.instruments.soundfonts import sf2


def test_the_presets_of_a_file(sine):
    assert sf2.presets(sine) == {(0, 0): "Sine", (0, 48): "Strings", (128, 0): "Kit"}
    assert sf2.find_preset(sine, 0, None) == (0, 0) == sf2.find_preset(sine, " sine", None)
    assert sf2.find_preset(sine, "KIT", None) == (128, 0) == sf2.find_preset(sine, 0, 128)


@pytest.mark.parametrize(
    "preset, bank, told",
    [
        (5, None, r"is not in bank 0 of the SoundFont \(is 5; it has 0, 48\)"),
        (0, 3, "is not in bank 3 of the SoundFont .* the bank is empty"),
        ("String", None, "did you mean Strings"),
        ("Sine", 128, "is not in the SoundFont .* known are: Kit"),
    ],
)
def test_presets_that_are_not_there(sine, preset, bank, told):
    ((where, message),) = Soundfont(sine, preset, bank).problems(None)
    assert where == ("preset",)
    with pytest.raises(ValueError, match=told):
        raise ValueError(message)
    with pytest.raises(StemwrightError, match=r"sine.sf2: preset is not"):
        played(sine, Note(0, 100, 60, 1.0), preset=preset, bank=bank)


def test_files_that_are_no_soundfont(tmp_path):
    whole = soundfont()
    cut = listed(b"INFO", chunk(b"ifil", bytes(4)))
    broken = {
        "empty": (b"", "too short"),
        "text": (b"not a SoundFont at all", "is not a SoundFont"),
        "wave": (chunk(b"RIFF", b"WAVEfmt "), "is not a SoundFont"),
        "cut": (whole[:-100], "is truncated"),
        "no presets": (chunk(b"RIFF", b"sfbk" + cut), "chunks are inconsistent"),
        "only the end": (soundfont([]), "has no presets"),
        "huge": (
            whole.replace(b"phdr" + struct.pack("<I", 152), b"phdr" + struct.pack("<I", 2**31)),
            "inconsistent",
        ),
    }
    for name, (data, told) in broken.items():
        path = tmp_path / f"{name}.sf2"
        path.write_bytes(data)
        ((where, message),) = Soundfont(str(path)).problems(None)
        assert where == ("file",) and told in message, name
        with pytest.raises(StemwrightError, match=told):
            played(str(path), Note(0, 100, 60, 1.0))
    ((where, message),) = Soundfont(str(tmp_path / "none.sf2")).problems(None)
    assert where == ("file",) and "timgm6mb-soundfont" in message


def test_a_large_file_of_zeros_is_refused_at_once(tmp_path):
    with open(tmp_path / "x.sf2", "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 200_000_000) + b"sfbk")
        file.truncate(200_000_008)
    start = time.process_time()
    with pytest.raises(StemwrightError, match="chunks are inconsistent"):
        sf2.presets(tmp_path / "x.sf2")
    assert time.process_time() - start < 0.5
