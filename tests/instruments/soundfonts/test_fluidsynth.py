"""FluidSynth: as the program plays it, of damaged files, and without it."""

import ctypes
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf
from midi_bytes import OFF, ON, midi, track
from midi_played import levels, played_by_fluidsynth
from soundfonts import played, soundfont

from stemwright.base.errors import StemwrightError
from stemwright.instruments import Note
from stemwright.instruments.soundfont import Soundfont
from stemwright.instruments.soundfonts import fluidsynth


def test_as_the_program_plays_it(gm, needs, tmp_path):
    """FluidSynth's own program, with a MIDI file: the same sound, but for when its player gets round to it."""
    events = (
        b"\x00\xc0\x18" + b"\x00\x90\x3c\x66" + b"\x83\x00\x80\x3c\x00" + b"\x83\x00\xff\x2f\x00"
    )  # 384 ticks each
    track = b"\x00\xff\x51\x03\x07\xa1\x20" + events
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 384)
    (tmp_path / "x.mid").write_bytes(head + b"MTrk" + struct.pack(">I", len(track)) + track)
    command = [
        needs("fluidsynth"),
        "-ni",
        "-R",
        "0",
        "-C",
        "0",
        "-g",
        "0.5",
        "-r",
        "96000",
        "-O",
        "float",
        "-T",
        "wav",
    ]
    command += ["-o", "synth.cpu-cores=1", "-F", str(tmp_path / "x.wav"), gm, str(tmp_path / "x.mid")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    theirs, rate = sf.read(tmp_path / "x.wav")
    ours = played(gm, Note(0, 48_000, 60, 102 / 127), rate=rate, seconds=0.5, preset=24)
    first = [np.flatnonzero(np.abs(wave[:, 0]) > 1e-4)[0] for wave in (ours, theirs)]
    ours, theirs = (wave[at : at + 40_000, 0] for wave, at in zip((ours, theirs), first, strict=True))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.999
    assert np.std(theirs) == pytest.approx(np.std(ours), rel=0.01)


def test_no_sample_goes_on_into_another(gm, needs, tmp_path):
    """Keys of the drum kit whose samples do not loop, one after the other: as the program, which loads whole files."""
    keys = [30, 33, 38, 62, 69, 76]
    moments = [
        (d, m) for k in keys for d, m in ((0, (ON | 9, k, 100)), (48, (OFF | 9, k, 0)), (48, (OFF | 9, 0, 0)))
    ]
    whole = ["-o", "synth.dynamic-sample-loading=0"]
    theirs = levels(
        played_by_fluidsynth(needs("fluidsynth"), midi(track(*moments)), tmp_path, gm, whole), 0.025
    )
    notes = [Note(24_000 * n, 12_000, key, 100 / 127) for n, key in enumerate(keys)]
    ours = levels(played(gm, *notes, seconds=3, bank=128)[:, 0], 0.025)
    assert ours.max() > 0.03 and theirs[: len(ours)] == pytest.approx(ours, abs=0.06 * ours.max())


@pytest.mark.parametrize(
    "version, alone", [("2.3.1", 0), ("2.4.3", 0), ("2.4.4", 1), ("2.10.0", 1), ("3.0.0", 1)]
)
def test_samples_are_loaded_alone_where_they_then_end_where_they_should(
    needs, gm, monkeypatch, version, alone
):
    monkeypatch.setattr(fluidsynth, "version", lambda: version)
    settings = {}
    monkeypatch.setattr(
        fluidsynth.FluidSynth, "_set", lambda self, name, value: settings.update({name: value})
    )
    with fluidsynth.FluidSynth(gm, 0, 0, 1):
        assert settings["synth.dynamic-sample-loading"] == alone


# --- files and presets ------------------------------------------------------------------------


def test_a_file_that_only_fluidsynth_refuses(needs, tmp_path):
    needs("fluidsynth")
    (tmp_path / "x.sf2").write_bytes(soundfont().replace(b"shdr", b"xxxx"))
    with pytest.raises(StemwrightError, match=r"x.sf2: FluidSynth cannot use it as a SoundFont"):
        played(str(tmp_path / "x.sf2"), Note(0, 100, 60, 1.0))


def test_damaged_files_end_cleanly(needs, tmp_path):
    """Bytes changed at random among the file's tables: sound or an error, but no crash (each in its own process)."""
    needs("fluidsynth")
    code = f"""if True:
        import sys
        sys.path[:0] = {sys.path!r}
        import numpy as np
        from stemwright.base.errors import StemwrightError
        from stemwright.instruments import Note
        from soundfonts import played, soundfont
        whole, rng = soundfont(), np.random.default_rng(5)
        tables = whole.index(b"pdta")
        for _ in range(40):
            data = bytearray(whole)
            for at in rng.integers(tables, len(whole), 3):
                data[at] = rng.integers(256)
            open("x.sf2", "wb").write(data)
            try:
                assert np.isfinite(played("x.sf2", Note(0, 100, 60, 1.0), seconds=0.1)).all()
            except StemwrightError:
                pass
        print("through")
    """
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "through\n", done.stderr[-2_000:]


def test_its_version_is_the_programs(needs):
    said = subprocess.run([needs("fluidsynth"), "--version"], capture_output=True, text=True).stdout
    assert Soundfont("x.sf2").libraries() == {"fluidsynth": fluidsynth.version()}
    assert f"version {fluidsynth.version()}" in said


def test_without_fluidsynth(sine, monkeypatch):
    def missing(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    monkeypatch.setattr(fluidsynth, "find_library", lambda name: None)
    fluidsynth._library.cache_clear()
    try:
        with pytest.raises(StemwrightError, match="apt install fluidsynth"):
            played(sine, Note(0, 100, 60, 1.0))
    finally:
        fluidsynth._library.cache_clear()
