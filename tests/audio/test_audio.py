"""Streams, the spool and the writer: nothing hangs on block sizes, and the bytes are the same twice."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
import time
from fractions import Fraction

import numpy as np
import pytest
import soundfile as sf
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from stemwright.audio import (
    AudioFile,
    Spool,
    aligned_blocks,
    as_channels,
    fit,
    inspect,
    resample,
    resampled_frames,
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
sizes = st.lists(st.integers(0, 50), max_size=12)
channel_counts = st.sampled_from([1, 2])


def noise(frames, channels=2, level=0.2):
    return np.clip(np.random.default_rng(frames).normal(0, level, (frames, channels)), -1, 1)


def split(samples, lengths):
    """The samples in blocks of these lengths, then the rest in one block."""
    return iter(np.split(samples, np.minimum(np.cumsum(lengths or [0]), len(samples))))


def cut(samples, size):
    return (samples[at : at + size] for at in range(0, len(samples), size))


def joined(blocks, channels=2):
    return np.concatenate([np.zeros((0, channels)), *blocks])


# --- streams ------------------------------------------------------------------------------------


@given(sizes, st.integers(0, 300), st.integers(0, 300), channel_counts)
def test_fit_cuts_or_pads_to_the_frame(lengths, frames, wanted, channels):
    samples = noise(frames, channels)
    blocks = list(fit(split(samples, lengths), wanted, channels))
    assert all(len(block) for block in blocks)
    result = joined(blocks, channels)
    assert result.shape == (wanted, channels)
    assert np.array_equal(result[:frames], samples[:wanted])
    assert not result[frames:].any()


def test_fit_takes_no_more_than_it_needs():
    endless = itertools.repeat(np.ones((10, 1)))
    assert joined(fit(endless, 25, 1), 1).sum() == 25


def test_channels():
    mono, stereo = noise(100, 1), noise(100, 2)
    assert np.array_equal(joined(as_channels(cut(mono, 7), 2)), np.hstack([mono, mono]))
    folded = joined(as_channels(cut(stereo, 7), 1), 1)
    assert np.allclose(folded[:, 0], (stereo[:, 0] + stereo[:, 1]) / 2, rtol=0, atol=1e-16)
    assert np.array_equal(joined(as_channels(cut(stereo, 7), 2)), stereo)


RATES = [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (22_050, 96_000), (48_000, 8_000)]


@pytest.mark.parametrize("source_rate, rate", RATES)
@pytest.mark.parametrize("size", [7, 1_000, 9_001])
def test_resampling_in_blocks_is_resampling_at_once(source_rate, rate, size):
    samples = noise(9_001)
    whole = soxr.resample(samples, source_rate, rate, quality="VHQ")
    result = joined(resample(cut(samples, size), len(samples), 2, source_rate, rate))
    assert abs(len(whole) - len(result)) <= 1
    assert np.array_equal(result[: len(whole)], whole[: len(result)])
    assert len(result) == resampled_frames(9_001, source_rate, rate)


@given(st.integers(0, 10**9), st.sampled_from(RATES))
def test_resampled_length_is_the_nearest(frames, rates):
    source_rate, rate = rates
    error = resampled_frames(frames, source_rate, rate) - Fraction(frames * rate, source_rate)
    assert Fraction(-1, 2) < error <= Fraction(1, 2)


@pytest.mark.parametrize("source_rate, rate", RATES)
def test_a_sine_stays_that_sine_and_where_it_is(source_rate, rate):
    def sine(rate):
        return np.sin(2 * np.pi * 997 * np.arange(rate // 2) / rate)[:, None]

    result = joined(resample(cut(sine(source_rate), 4_096), source_rate // 2, 1, source_rate, rate), 1)
    middle = slice(rate // 8, 3 * rate // 8)
    assert np.abs(result - sine(rate))[middle].max() < 1e-6


def test_there_and_back_again_has_no_delay():
    samples = noise(20_000, 1)
    there = joined(resample(cut(samples, 999), 20_000, 1, 48_000, 96_000), 1)
    back = joined(resample(cut(there, 999), 40_000, 1, 96_000, 48_000), 1)
    correlation = np.correlate(back[5_000:15_000, 0], samples[4_900:15_100, 0])
    assert np.argmax(correlation) == 100


def test_the_same_rate_is_left_alone():
    samples = noise(1_000)
    assert np.array_equal(joined(resample(cut(samples, 99), 1_000, 2, 48_000, 48_000)), samples)


def test_files_in_step(tmp_path):
    for name, frames in [("a", 100_000), ("b", 100_000), ("c", 99_999)]:
        write_audio(tmp_path / name, [noise(frames)], rate=48_000, channels=2, frames=frames)
    pairs = list(aligned_blocks([tmp_path / "a", tmp_path / "b"]))
    assert all(len(a) == len(b) for a, b in pairs)
    assert np.array_equal(joined(a for a, _ in pairs), noise(100_000).astype(np.float32))
    with pytest.raises(ValueError, match=r"/c has 99,999 frames, .*/a 100,000$"):
        list(aligned_blocks([tmp_path / "a", tmp_path / "c"]))


# --- the spool ----------------------------------------------------------------------------------


@given(sizes, st.integers(0, 300), st.integers(1, 60), channel_counts)
@settings(deadline=None)
def test_a_spool_gives_back_what_it_took(lengths, frames, size, channels):
    samples = noise(frames, channels)
    spool = Spool(channels, split(samples, lengths))
    assert spool.frames == frames
    assert np.array_equal(joined(spool.blocks(size), channels), samples)
    assert np.array_equal(joined(spool.reversed_blocks(size), channels), samples[::-1])
    assert np.array_equal(spool.read(frames // 3, frames // 2), samples[frames // 3 :][: frames // 2])
    spool.append(samples)
    assert np.array_equal(joined(spool.blocks(size), channels), np.concatenate([samples, samples]))


# --- the writer ---------------------------------------------------------------------------------


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


def test_a_full_folder_for_temporary_files(room):
    spool = Spool(2, [noise(20)])
    with pytest.raises(OSError, match=f"File too large: '{tempfile.gettempdir()}'"), room(400):
        spool.append(noise(20))


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
