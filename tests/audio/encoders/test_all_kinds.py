"""What holds for all encoders: other programs read what was written, and it is the same bytes from any blocks."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
from blocks import cut
from marks import long_but

from stemwright.audio import AudioFile, inspect
from stemwright.audio.encoders import Form, encoder_of, encoders
from stemwright.audio.writer import whole_file

RATE, FRAMES = 16_000, 8_123
SAMPLES = ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "FLOAT_24")
LOSSLESS = [("WAV", s) for s in SAMPLES] + [("AIFF", s) for s in SAMPLES]
LOSSLESS += [("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("ALAC", "PCM_16"), ("ALAC", "PCM_24")]
QUICK = [("WAV", "PCM_32"), ("AIFF", "PCM_24"), ("AIFF", "FLOAT"), ("FLAC", "PCM_24"), ("ALAC", "PCM_24")]
LOSSY = [
    ("MP3", {"bitrate_kbps": 64}),
    ("MP3", {"quality": 8}),
    ("OGG", {"quality": 4}),
    ("OPUS", {"bitrate_kbps": 64}),
    ("AAC", {"bitrate_kbps": 64}),
]
STEPS = {"PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "FLOAT_24": 2.0**-23, "PCM_32": 2.0**-31, "FLOAT": 2.0**-24}
CODECS = {"MP3": "mp3", "OGG": "vorbis", "OPUS": "opus", "AAC": "aac", "FLAC": "flac", "ALAC": "alac"}


def sound(channels=2):
    time = np.arange(FRAMES) / RATE
    tones = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (440, 1_300)]
    swept = 0.2 * np.sin(2 * np.pi * (200 + 2_000 * time) * time)
    return np.stack([tone + swept for tone in tones], 1)[:, :channels]


def written(path, container, size=1_000, samples=None, **keys):
    samples = sound() if samples is None else samples
    form = Form(RATE, samples.shape[1], len(samples), **keys)
    with whole_file(path) as part:
        encoder_of(container).write(str(path), part, cut(samples, size), form)
    return path.read_bytes()


def decoded(ffmpeg, path, channels=2):
    """What ffmpeg, which wrote none of them but M4A, decodes."""
    command = [ffmpeg, "-v", "error", "-i", path, "-f", "f64le", "-c:a", "pcm_f64le", "-"]
    return np.frombuffer(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout).reshape(
        -1, channels
    )


def probed(ffprobe, path):
    command = [ffprobe, "-v", "error", "-show_streams", "-of", "json", path]
    (stream,) = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)["streams"]
    return stream["codec_name"], int(stream["sample_rate"]), stream["channels"]


def test_the_formats_that_are_tested_are_all():
    assert {name for name, _ in LOSSLESS + LOSSY} == set(encoders())
    for name, encoder in encoders().items():
        assert sorted(encoder.subtypes) == sorted(s for n, s in LOSSLESS if n == name)


@pytest.mark.parametrize("container, subtype", long_but(QUICK, LOSSLESS))
def test_a_lossless_file_holds_the_samples(tmp_path, needs, container, subtype):
    path = tmp_path / f"x{encoder_of(container).ending}"
    data = written(path, container, subtype=subtype)
    assert data == written(path, container, size=FRAMES, subtype=subtype)
    found = decoded(needs("ffmpeg"), path)
    # Rounding and dither are 1.5 steps at most, a FLOAT of a magnitude under 1 is off by half of 2^-24.
    assert found.shape == (FRAMES, 2) and np.abs(found - sound()).max() <= 1.5 * STEPS[subtype]
    with AudioFile(path) as file:
        assert np.array_equal(file.read(), found)


@pytest.mark.parametrize("channels", long_but([2], [1, 2]))
@pytest.mark.parametrize("container, keys", LOSSY)
def test_a_lossy_file_sounds_like_it_and_begins_and_ends_with_it(tmp_path, needs, container, keys, channels):
    path, samples = tmp_path / f"x{encoder_of(container).ending}", sound(channels)
    data = written(path, container, samples=samples, **keys)
    assert data == written(path, container, size=FRAMES, samples=samples, **keys)
    assert probed(needs("ffprobe"), path) == (
        CODECS[container],
        48_000 if container == "OPUS" else RATE,  # its decoders work at 48 kHz (RFC 7845)
        channels,
    )
    with AudioFile(path) as file:
        assert (file.rate, file.frames) == (RATE, FRAMES)
        ours = file.read()
    assert 10 * np.log10(np.mean((ours - samples) ** 2) / np.mean(samples**2)) < -20  # late by a frame: -9
    if container != "OPUS":
        theirs = decoded(needs("ffmpeg"), path, channels)
        assert len(theirs) == FRAMES or container != "MP3"  # ffmpeg 5 plays the padding at the end, too
        assert np.abs(theirs[:FRAMES] - ours).max() < 1e-3
    assert (
        20 * abs(np.log10(np.linalg.norm(ours) / np.linalg.norm(samples))) < 0.1
    )  # LAME would take off 0.45 dB


@pytest.mark.parametrize("container, bitrates", [("AAC", (48, 128)), ("OPUS", (32, 128))])
def test_the_bit_rate_is_near_the_one_that_is_asked_for(tmp_path, needs, container, bitrates):
    needs("ffmpeg")
    noise = np.random.default_rng(1).normal(0, 0.1, (RATE, 2))
    for bitrate in bitrates:
        size = len(written(tmp_path / "x", container, samples=noise, bitrate_kbps=bitrate))
        assert size * 8 / 1000 == pytest.approx(bitrate, rel=0.2)  # of one second


def test_quality_is_that_of_oggenc(tmp_path):
    # Its header has the nominal bit rate (Vorbis I, 4.2.2): what ffmpeg's libvorbis writes at -q:a, 16 kHz, stereo.
    for quality, nominal in [(0, 34_666), (4, 77_333), (9, 155_200)]:
        data = written(tmp_path / "x", "OGG", quality=quality)
        assert int.from_bytes(data[data.index(b"\1vorbis") + 20 :][:4], "little") == nominal


@pytest.mark.parametrize("container, keys", [("OGG", {"quality": 4}), ("OPUS", {"bitrate_kbps": 64})])
def test_pages_have_no_number_at_random_and_say_where_it_ends(tmp_path, container, keys):
    data = written(tmp_path / "x", container, **keys)
    pages = [data[at : at + 27] for at in range(len(data)) if data.startswith(b"OggS", at)]
    last = int.from_bytes(
        pages[-1][6:14], "little"
    )  # what it ends with, at 48 kHz in Opus, after its pre-skip
    skipped = int.from_bytes(data[data.index(b"OpusHead") + 10 :][:2], "little") if container == "OPUS" else 0
    assert last == FRAMES * (3 if container == "OPUS" else 1) + skipped
    serials = {page[14:18] for page in pages}
    assert serials == {b"\1\0\0\0"} and not inspect(tmp_path / "x").fault


@pytest.mark.parametrize("container, keys", LOSSY[:4])
def test_a_full_disk_leaves_no_file(tmp_path, room, container, keys):
    size = len(written(tmp_path / "x", container, **keys))
    for limit in (0, size // 2, size - 1):
        with pytest.raises(OSError, match=f"File too large: '{tmp_path}/y'"), room(limit):
            written(tmp_path / "y", container, **keys)
        assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("container, keys", LOSSY)
def test_a_sample_that_is_no_number_is_not_encoded(tmp_path, container, keys):
    samples = sound()
    samples[777, 1] = np.nan
    with pytest.raises(Exception, match="sample 777 is not a finite number"):
        written(tmp_path / "x", container, samples=samples, **keys)
    assert not list(tmp_path.iterdir())


def test_without_ffmpeg_an_m4a_is_refused_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("stemwright.audio.encoders._ffmpeg.ffmpeg_version", lambda: "not installed")
    with pytest.raises(
        Exception, match=r"x: AAC needs ffmpeg, which is not installed here: apt install ffmpeg"
    ):
        written(tmp_path / "x", "AAC", bitrate_kbps=64)
    assert not list(tmp_path.iterdir())


@pytest.mark.long
@pytest.mark.parametrize("rate", encoder_of("MP3").rates)
def test_every_bit_rate_of_mp3_is_what_is_written(tmp_path, rate):
    mp3 = encoder_of("MP3")
    for channels in (1, 2):
        assert len(mp3.bitrates(rate, channels)) >= 5
        for bitrate in mp3.bitrates(rate, channels):
            form = Form(rate, channels, FRAMES, bitrate_kbps=bitrate)
            mp3.write("x", tmp_path / "x", [sound(channels)], form)
            with AudioFile(tmp_path / "x") as file:
                assert (file.rate, file.frames) == (rate, FRAMES)
            assert mp3.bitrate(tmp_path / "x") == bitrate
