"""The writer: the same bytes twice and from any blocks, dithered as theory has it, whole or not at all."""

from __future__ import annotations

import os
import subprocess
import time

import numpy as np
import pytest
import soundfile as sf
from blocks import cut, noise

from stemwright.audio import (
    AudioFile,
    inspect,
    write_audio,
    writer,
)
from stemwright.base.errors import AudioFileError, StemwrightError

FORMATS = [
    ("FLOAT", "WAV"),
    ("FLOAT_24", "WAV"),
    ("PCM_16", "WAV"),
    ("PCM_24", "WAV"),
    ("PCM_16", "FLAC"),
    ("PCM_24", "FLAC"),
]


def written(path, samples, size=1_000, **options):
    frames, channels = samples.shape
    write_audio(
        path, cut(samples, size), **{"rate": 48_000, "channels": channels, "frames": frames} | options
    )
    return path.read_bytes()


def test_the_same_bytes_a_second_later(tmp_path):
    samples = noise(1_001)

    def versions():
        return [written(tmp_path / "x", samples, subtype=s, container=c) for s, c in FORMATS]

    first = versions()
    time.sleep(1.1)
    assert versions() == first


@pytest.mark.parametrize("subtype", ["FLOAT", "FLOAT_24", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_takes_no_room_and_changes_nothing(tmp_path, subtype, channels):
    """In blocks of silence the file has holes; no sample beside them is lost, nor the sign of a negative zero."""
    size, sound = 60_001, noise(999, channels)
    samples = np.concatenate([sound, np.zeros((size, channels)), sound, -np.zeros((size, channels))])
    blocks = np.split(samples, np.cumsum([999, size, 999]))
    options = {"rate": 48_000, "channels": channels, "frames": len(samples), "subtype": subtype}
    write_audio(tmp_path / "x", blocks, **options)
    write_audio(tmp_path / "no holes", [samples], **options)
    data = (tmp_path / "x").read_bytes()
    assert data == (tmp_path / "no holes").read_bytes()
    read, _ = sf.read(tmp_path / "x", always_2d=True)
    assert len(read) == len(samples) and np.abs(read - samples).max() <= 2.0**-14
    if subtype == "FLOAT":
        assert np.signbit(read[-1]).all()
    (tmp_path / "probe").touch()
    os.truncate(tmp_path / "probe", len(data))
    if not (tmp_path / "probe").stat().st_blocks:  # a file system that has holes
        saved = ((tmp_path / "no holes").stat().st_blocks - (tmp_path / "x").stat().st_blocks) * 512
        assert saved > 0.9 * size * channels * (2 if subtype == "PCM_16" else 3)


@pytest.mark.parametrize("subtype, container", FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_the_same_bytes_from_any_blocks(tmp_path, subtype, container, channels):
    samples = noise(9_973, channels)
    versions = {
        written(tmp_path / "x", samples, size, subtype=subtype, container=container)
        for size in (1, 7, 1_024, 4_096, 9_972, 9_973)
    }
    assert len(versions) == 1


def failing():
    yield noise(500)
    raise StemwrightError("a source gave up")


@pytest.mark.parametrize(
    "blocks, text",
    [
        (
            [noise(500), np.vstack([noise(250), [[0, np.nan]], noise(249)])],
            "sample 750 is not a finite number",
        ),
        ([np.vstack([[[-np.inf, 0]], noise(999)])], "sample 0 is not a finite number"),
        ([noise(999)], "has 999 frames, expected 1,000"),
        ([noise(1_000), noise(1)], "has 1,001 frames, expected 1,000"),
        (failing(), "a source gave up"),
    ],
    ids=["nan", "inf", "short", "long", "source"],
)
def test_after_an_error_nothing_bears_the_name(tmp_path, blocks, text):
    path = tmp_path / "deep" / "x"
    options = {"rate": 48_000, "channels": 2, "frames": 1_000, "subtype": "PCM_16"}
    with pytest.raises(StemwrightError, match=text):
        write_audio(path, blocks, **options)
    assert list(path.parent.iterdir()) == []
    before = written(path, noise(1_000), subtype="PCM_16")
    with pytest.raises(StemwrightError):
        write_audio(path, [noise(7)], **options)
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


@pytest.mark.parametrize("subtype, container", FORMATS)
def test_a_full_disk(tmp_path, room, subtype, container):
    samples = noise(20_000)
    size = len(written(tmp_path / "x", samples, subtype=subtype, container=container))
    for limit in (0, 1_000, size - 5_000, size - 1):
        with pytest.raises(OSError, match=f"File too large: '{tmp_path}/y'"), room(limit):
            written(tmp_path / "y", samples, subtype=subtype, container=container)
        assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_float_is_the_nearest_32_bit_float(tmp_path):
    samples = noise(1_000) * 10
    written(tmp_path / "x", samples)
    with AudioFile(tmp_path / "x") as file:
        assert (file.subtype, file.rate, file.frames) == ("FLOAT", 48_000, 1_000)
        assert np.array_equal(file.read(), samples.astype(np.float32))


@pytest.mark.parametrize("bits", [16, 24])
def test_integers_are_at_full_level_and_clip_at_full_scale(tmp_path, bits):
    content = written(tmp_path / "x", np.array([[0.5], [-0.5], [2.0], [-2.0]]), subtype=f"PCM_{bits}")
    width = bits // 8
    audio = content[content.index(b"data") + 8 :]
    steps = [int.from_bytes(audio[i * width :][:width], "little", signed=True) for i in range(4)]
    scale = 2 ** (bits - 1)
    assert steps[:2] == pytest.approx([scale / 2, -scale / 2], abs=1)  # dither adds up to a step
    assert steps[2:] == [scale - 1, -scale]


@pytest.mark.parametrize("subtype, bits", [("PCM_16", 16), ("PCM_24", 24), ("FLOAT_24", 24)])
@pytest.mark.parametrize("level", [0.0, 0.25, 0.5])
def test_the_error_of_dither_is_that_of_theory(tmp_path, subtype, bits, level):
    """TPDF of 2 steps, and rounding: (2 + 1) / 12 steps² whatever the signal, and 0 in the mean."""
    scale = 2 ** (bits - 1)
    samples = np.full((100_000, 2), (1_000 + level) / scale)
    written(tmp_path / "x", samples, size=65_536, subtype=subtype)
    with AudioFile(tmp_path / "x") as file:
        error = (file.read() - samples) * scale
    assert error.mean() == pytest.approx(0, abs=0.006)
    assert error.var() == pytest.approx(0.25, rel=0.02)
    assert np.abs(np.mean(error[:, 0] * error[:, 1])) < 0.006
    assert np.abs(np.mean(error[1:] * error[:-1])) < 0.006
    assert np.abs(error).max() <= 1.5


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT_24"])
def test_digital_silence_stays_silent(tmp_path, subtype):
    samples = np.concatenate([noise(1_000), np.zeros((5_000, 2)), noise(1_000)])
    written(tmp_path / "x", samples, subtype=subtype)
    with AudioFile(tmp_path / "x") as file:
        read = file.read()
    assert not read[1_000:6_000].any()
    assert read[:1_000].any() and not np.array_equal(read[:1_000], samples[:1_000])


def test_dither_hangs_on_the_seed(tmp_path):
    versions = [written(tmp_path / "x", noise(100), subtype="PCM_16", seed=seed) for seed in (0, 1, 1)]
    assert versions[0] != versions[1] == versions[2]


def test_float_24_lies_on_the_24_bit_grid(tmp_path, needs):
    written(tmp_path / "x.wav", noise(5_000), subtype="FLOAT_24")
    with AudioFile(tmp_path / "x.wav") as file:
        assert file.subtype == "FLOAT"
        steps = file.read() * 2**23
    assert np.array_equal(steps, np.rint(steps))
    ffmpeg = [needs("ffmpeg"), "-v", "error", "-i"]
    subprocess.run([*ffmpeg, tmp_path / "x.wav", "-c:a", "pcm_s24le", tmp_path / "y.wav"], check=True)
    subprocess.run([*ffmpeg, tmp_path / "y.wav", "-c:a", "pcm_f32le", tmp_path / "z.wav"], check=True)
    assert sf.info(tmp_path / "y.wav").subtype == "PCM_24"
    for name in ("y.wav", "z.wav"):
        with AudioFile(tmp_path / name) as file:
            assert np.array_equal(file.read() * 2**23, steps)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_flac_holds_the_samples_of_the_wav(tmp_path, subtype):
    for name, container in [("x.wav", "WAV"), ("x.flac", "FLAC")]:
        written(tmp_path / name, noise(5_000), subtype=subtype, container=container)
    with AudioFile(tmp_path / "x.wav") as wav, AudioFile(tmp_path / "x.flac") as flac:
        assert (flac.format, flac.subtype) == ("FLAC", subtype)
        assert np.array_equal(wav.read(), flac.read())


def test_a_file_past_4_gb_becomes_rf64(tmp_path, monkeypatch):
    assert 2**32 - 10**9 < writer._WAV_LIMIT < 2**32 - 1_000
    monkeypatch.setattr(writer, "_WAV_LIMIT", 1_000 * 2 * 4)
    for frames, kind in [(1_000, "WAV"), (1_001, "RF64")]:
        written(tmp_path / kind, noise(frames))
        container = inspect(tmp_path / kind)
        assert (container.format, container.frames, container.fault) == (kind, frames, None)
        with AudioFile(tmp_path / kind) as file:
            assert np.array_equal(file.read(), noise(frames).astype(np.float32))


def test_an_unreadable_input_is_not_said_to_be_a_full_disk(tmp_path):
    def blocks():
        raise AudioFileError("a.wav: truncated")
        yield

    with pytest.raises(AudioFileError, match=r"^a\.wav: truncated$"):
        write_audio(tmp_path / "x", blocks(), rate=48_000, channels=1, frames=10)


@pytest.mark.parametrize("container", ["WAV", "RF64"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_are_written_as_libsndfile_writes_them(tmp_path, channels, subtype, container):
    """Also of blocks whose samples do not lie one after the other in memory."""
    samples = np.random.default_rng(1).uniform(-1, 1, (channels, 10_001)).astype(np.float32).T
    write_audio(
        tmp_path / "a.wav",
        np.array_split(samples, 3),
        rate=8_000,
        channels=channels,
        frames=10_001,
        subtype=subtype,
        container=container,
        seed=None,
    )
    scale = 2.0 ** (int(subtype[4:]) - 1) if subtype != "FLOAT" else 0
    exact = np.rint(samples.astype(float) * scale) / scale if scale else samples
    with sf.SoundFile(tmp_path / "b.wav", "w", 8_000, channels, subtype, format=container) as file:
        sf._snd.sf_command(file._file, 0x1050, sf._ffi.NULL, 0)
        file.write(exact)
    ours, theirs = ((tmp_path / name).read_bytes() for name in ("a.wav", "b.wav"))
    if (at := theirs.find(b"PEAK")) >= 0:  # which has the time of day
        assert (container, subtype) == ("RF64", "FLOAT")
        end = at + 8 + int.from_bytes(theirs[at + 4 : at + 8], "little")
        theirs = theirs[:at] + b"JUNK" + theirs[at + 4 : at + 8] + bytes(end - at - 8) + theirs[end:]
    assert ours == theirs
    assert np.array_equal(sf.read(tmp_path / "a.wav", always_2d=True)[0], exact)
