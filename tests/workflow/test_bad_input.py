"""Bad input, and input from elsewhere, in real runs: refused with a line that says what it is, soon, in little memory."""

import os
import struct
import zipfile

import numpy as np
import pytest
import soundfile as sf
from contract import from_stem, next_run

SONG = {"bpm": 120, "sections": [{"all": "1 bar"}]}
TONE = {"source": {"tone": {"note": "A2"}}, "gain_db": -10}
LITTLE_MEMORY = ("sh", "-c", 'ulimit -v 2000000; exec "$@"', "sh")  # in KiB


def wav(rate=8000, channels=1, data=bytes(8000), size=None):
    """A 16-bit WAV by the book, but for a size that is not that of its data."""
    size = len(data) if size is None else size
    form = struct.pack("<HHIIHH", 1, channels, rate, min(2 * rate * channels, 2**32 - 1), 2 * channels, 16)
    riff = min(36 + size, 2**32 - 1)
    return (
        b"RIFF"
        + struct.pack("<I", riff)
        + b"WAVEfmt \x10\0\0\0"
        + form
        + b"data"
        + struct.pack("<I", size)
        + data
    )


def rf64(size):
    """An RF64 of a declared size, without its data."""
    sizes = b"ds64" + struct.pack("<IQQQI", 28, size + 72, size, size // 2, 0)
    return b"RF64\xff\xff\xff\xffWAVE" + sizes + wav()[12:36] + b"data\xff\xff\xff\xff" + bytes(8000)


CONTENTS = {
    "truncated": (wav(size=16_000), "truncated: its header declares 16,000 bytes of audio, the file holds 8,000"),
    "huge": (wav(size=2**32 - 100), "truncated: its header declares 4,294,967,196 bytes of audio"),
    "huger": (rf64(2**60), "truncated: its header declares 1,152,921,504,606,846,976 bytes of audio"),
    "no_frames": (wav(data=b""), "no audio in it (0 frames)"),
    "many_channels": (wav(channels=64, data=bytes(12_800)), "64 channels; expected 1 or 2"),
    "slow": (wav(rate=1), "a sample rate of 1 Hz; expected 4,000 to 384,000"),
    "fast": (wav(rate=768_000), "a sample rate of 768,000 Hz; expected 4,000 to 384,000"),
    "no_length": (wav(size=2**32 - 1), "declares no length"),
    "text": (b"this is no audio, whatever its name says", "is not WAV, RF64, BW64, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC or M4A"),
    "empty": (b"", "is empty, expected an audio file"),
    "nothing_but_a_head": (b"RIFF\xff\xff\xff\xffWAVE", "has no format chunk, so it is not a whole WAV file"),
}  # fmt: skip

REFERENCES = ("truncated", "huge", "huger", "many_channels", "text", "nan")


@pytest.mark.long
def test_files_that_are_no_good(empty):
    """Each as a sample and as a reference, whose length its song takes or not."""
    (empty / "bad").mkdir()
    for name, (content, _) in CONTENTS.items():
        (empty / f"bad/{name}.wav").write_bytes(content)
    broken = np.full((8000, 1), 0.1, np.float32)
    broken[100] = np.nan
    sf.write(empty / "bad/nan.wav", broken, 8000, subtype="FLOAT")
    (empty / "bad/one_frame.wav").write_bytes(wav(data=b"\0\x40"))
    os.truncate(empty / "bad/huge.wav", 2**30)  # a hole: nearly all that is declared
    files = [*CONTENTS, "nan", "one_frame"]
    stems = {name: {"source": {"audio": {"file": f"bad/{name}.wav"}}} for name in files}
    empty.write("songs/samples.yaml", {**SONG, "stems": stems})
    for name in REFERENCES:
        song = {**SONG, "reference": {"file": f"bad/{name}.wav"}, "stems": {"tone": TONE}}
        empty.write(f"songs/{name}.yaml", song)
    songs = ["samples", *REFERENCES]
    empty.write("config.yaml", {"songs": songs, "session": {"sample_rate": 8000, "channels": 1}})
    planned = empty.fails(
        under=LITTLE_MEMORY
    )  # what headers and containers show is said before anything is built
    told = {name for name in CONTENTS if f"bad/{name}.wav: " in planned.text}
    assert told and planned.jobs == []
    empty.write(
        "songs/samples.yaml", {**SONG, "stems": {n: stem for n, stem in stems.items() if n not in told}}
    )
    left = [name for name in REFERENCES if name not in told]
    empty.write("config.yaml", {"songs": ["samples", *left], "session": {"sample_rate": 8000, "channels": 1}})
    empty.fails(under=LITTLE_MEMORY)
    for name, (_, says) in CONTENTS.items():
        text = planned.text if name in told else (empty / f"logs/samples/stems/{name}.wav.log").read_text()
        assert says in text, name
        assert not (empty / f"build/samples/stems/{name}.wav").exists(), name
    assert (
        "bad/nan.wav: sample 100 is not a finite number"
        in (empty / "logs/samples/stems/nan.wav.log").read_text()
    )
    assert (empty / "build/samples/stems/one_frame.wav.ok").exists()  # a click is a sound
    for name in left:
        logs = [(empty / f"logs/{name}/reference/reference.wav{log}") for log in (".log", ".ok.log")]
        says = CONTENTS[name][1] if name in CONTENTS else "bad/nan.wav: sample 100 is not a finite number"
        assert any(says in log.read_text() for log in logs if log.exists()), name
        assert not (empty / f"build/{name}/stems").exists(), name
    empty.write("config.yaml", {"songs": songs, "session": {"sample_rate": 8000, "channels": 1}})
    for name in REFERENCES:
        empty.edit("length", value="reference", song=name)
        empty.edit("sections", value=None, song=name)
    said = empty.try_snakemake("-n", under=LITTLE_MEMORY).text
    assert "songs/text.yaml:" in said and "songs/huger.yaml:" in said and "Traceback" not in said


def test_what_is_no_file_is_told_before_anything_runs(empty):
    (empty / "folder").mkdir()
    os.mkfifo(empty / "fifo.wav")
    (empty / "loop.wav").symlink_to("loop.wav")
    (empty / "dangling.wav").symlink_to("nowhere.wav")
    paths = (
        "folder",
        "fifo.wav",
        "loop.wav",
        "dangling.wav",
        "missing.wav",
        "a\0b.wav",
        "x" * 300,
        "/dev/zero",
        "\x1b[31m.wav",
        "a\nb.wav",
        "gpj.\u202evaw",
    )
    for name in paths[-3:]:
        (empty / name).write_bytes(wav())
    stems = {f"s{n}": {"source": {"audio": {"file": path}}} for n, path in enumerate(paths)}
    empty.write("songs/x.yaml", {**SONG, "reference": {"file": "fifo.wav"}, "stems": stems})
    empty.write("config.yaml", {"songs": ["x"]})
    run = empty.fails()
    what = {
        0: "must be a file, not a folder (is 'folder')",
        1: "must be a regular file (is 'fifo.wav')",
        5: r"must be a name without control characters: rename the file (has '\x00', is 'a\x00b.wav')",
        8: r"must be a name without control characters: rename the file (has '\x1b', is '\x1b[31m.wav')",
        9: r"must be a name without control characters: rename the file (has '\n', is 'a\nb.wav')",
        10: r"must be a name without control characters: rename the file (has '\u202e', is 'gpj.\u202evaw')",
        7: "must be a regular file (is '/dev/zero')",
    }
    for n, path in enumerate(paths):
        says = what.get(n, f"there is no such file (is {path!r}, from the working directory)")
        assert f"stems.s{n}.source.audio.file: {says}" in run.text
    assert "reference.file: must be a regular file (is 'fifo.wav')" in run.text
    assert "Nothing was built." in run.text and not (empty / "build").exists()


def test_a_recording_of_hours_for_a_song_of_seconds(empty):
    """As a reference and in a stem: of two hours of silence in 60 KB, no more is read than the song has."""
    with sf.SoundFile(empty / "hours.flac", "w", 8000, 1, "PCM_16") as file:
        file.write((np.sin(np.arange(16_000) / 5) * 16_000).astype(np.int16))
        for _ in range(120):
            file.write(np.zeros(60 * 8000, np.int16))
    stems = {
        "guide": {"source": {"reference": {}}},
        "pad": {"source": {"audio": {"file": "hours.flac", "loop_bars": 1000}}},
    }
    empty.write(
        "songs/x.yaml",
        {**SONG, "reference": {"file": "hours.flac"}, "stems": stems, "gates": {"placeholder": False}},
    )
    empty.write("config.yaml", {"songs": ["x"], "session": {"sample_rate": 8000, "channels": 1}})
    run = empty.try_snakemake("build/x/stems/pad.wav", "build/x/stems/guide.wav", under=LITTLE_MEMORY)
    assert "hours.flac: is 7,202.000 s long, of which the song uses 2.000 s: the rest is not read" in run.text
    assert (
        "hours.flac: 7,202.000 s long, cut at the song's end"
        in (empty / "logs/x/stems/pad.wav.log").read_text()
    )
    for built, frames in (
        ("reference/reference.wav", 24_000),
        ("stems/pad.wav", 16_000),
        ("stems/guide.wav", 16_000),
    ):
        assert sf.info(empty / "build/x" / built).frames == frames, built


def test_samples_from_elsewhere_are_tracked_and_leave_no_trace_in_the_archive(workdir, tmp_path, monkeypatch):
    home = tmp_path / "home of somebody"
    home.mkdir()
    for name in ("loop.wav", "reference.wav"):
        (workdir / "audio" / name).rename(home / name)
    workdir.edit("stems", "loop", "source", "audio", "file", value="~/loop.wav")
    workdir.edit("reference", "file", value=str(home / "reference.wav"))
    before = (workdir / "build/tune/tune.zip").read_bytes()
    monkeypatch.setenv("HOME", str(home))
    workdir.snakemake()
    assert (workdir / "build/tune/tune.zip").read_bytes() == before
    samples, rate = sf.read(home / "loop.wav")
    sf.write(home / "loop.wav", samples * 0.5, rate, subtype="PCM_16")
    assert next_run(workdir) == from_stem("loop")
    with zipfile.ZipFile(workdir / "build/tune/tune.zip") as archive:
        for name in archive.namelist():
            assert "/" not in name and "\\" not in name
            if not name.endswith(".wav"):
                assert b"somebody" not in archive.read(name) and str(tmp_path).encode() not in archive.read(
                    name
                )
    assert not [path for path in workdir.tree() if "~" in path]


NAMES = [
    "{song}",
    "{take2}",
    "<lt>",
    "<results>",
    "{{stem}}{a,b+}<a<lt>>",
    "{song}/<lt>/{",
    "$HOME `x` *?[a] 'q'",
]


def test_the_name_of_a_file_is_taken_as_it_is(empty):
    """As an import, a reference, a file in a sampler's folder and an input of a command: each has a tone of its own."""
    tones = {}
    for n, name in enumerate(NAMES):
        tones[name] = 200 + 100 * n
        path = empty / f"in/{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        beats = np.sin(2 * np.pi * tones[name] * np.arange(8000) / 8000) * np.repeat([0.2, 0.05], 4000)
        sf.write(path, beats, 8000, subtype="PCM_16")
    (empty / "in/x.wav").write_bytes(b"another file")
    (empty / "<a> {b}").mkdir()
    (empty / "<a> {b}/{song} A3.wav").write_bytes((empty / "in/<lt>.wav").read_bytes())
    stems = {f"s{n}": {"source": {"audio": {"file": f"in/{name}.wav"}}} for n, name in enumerate(NAMES)}
    part = {"notes": {"pattern": "A3 1/1"}}
    play = {"instrument": {"sampler": {"folder": "<a> {b}"}}, "parts": {"*": part}}
    command = {"argv": ["cp", "{input:a}", "{output}"], "inputs": {"a": "in/{take2}.wav"}}
    stems |= {"sampler": {"source": {"play": play}}, "command": {"source": {"command": command}}}
    reference = {"file": "in/{song}/<lt>/{.wav"}
    empty.write("songs/x.yaml", {"bpm": 120, "length": "2 beats", "reference": reference, "stems": stems})
    song = (empty / "songs/x.yaml").read_text()
    empty.write(
        "songs/x.yaml",
        song.replace("length: 2 beats", "sections: [all: 2 beats]\ngates: {grid: false, tempo: false}"),
    )
    empty.write("config.yaml", {"songs": ["x"], "session": {"sample_rate": 8000, "channels": 1}})
    empty.snakemake(*(f"build/x/stems/{stem}.wav" for stem in stems))
    heard = {f"s{n}": tones[name] for n, name in enumerate(NAMES)}
    for stem, hertz in (heard | {"sampler": tones["<lt>"], "command": tones["{take2}"]}).items():
        samples, _ = sf.read(empty / f"build/x/stems/{stem}.wav")
        assert np.argmax(np.abs(np.fft.rfft(samples[:4000]))) * 2 == hertz, stem
