"""Strict reading: a file is read whole and bit-exact, or refused with a line that says why."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
from contextlib import suppress

import numpy as np
import pytest
import soundfile as sf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemwright.audio import BLOCK, AudioFile, Container, inspect
from stemwright.base.errors import AudioFileError

FRAMES = 4_001
PCM = {
    # extension: format, subtype, bits of the grid its samples lie on
    "16.wav": ("WAV", "PCM_16", 16),
    "24.wav": ("WAV", "PCM_24", 24),
    "32.wav": ("WAV", "PCM_32", 32),
    "float.wav": ("WAV", "FLOAT", 24),
    "double.wav": ("WAV", "DOUBLE", 32),
    "extensible.wav": ("WAVEX", "PCM_24", 24),
    "rf64.wav": ("RF64", "PCM_24", 24),
    "16.aiff": ("AIFF", "PCM_16", 16),
    "24.aiff": ("AIFF", "PCM_24", 24),
    "float.aifc": ("AIFF", "FLOAT", 24),
    "16.flac": ("FLAC", "PCM_16", 16),
    "24.flac": ("FLAC", "PCM_24", 24),
}
LOSSY = {
    "vorbis.ogg": ("OGG", "VORBIS"),
    "opus.opus": ("OGG", "OPUS"),
    "layer3.mp3": ("MP3", "MPEG_LAYER_III"),
    "ima.wav": ("WAV", "IMA_ADPCM"),
    "ms.wav": ("WAV", "MS_ADPCM"),
}
EVERY_KIND = ["16.wav", "rf64.wav", "24.aiff", "float.aifc", "16.flac", *list(LOSSY)[:3]]


@pytest.fixture(autouse=True)
def bounded():
    """Each test ends, or fails, within ten seconds: also where something would wait for ever."""

    def too_long(*_):
        raise TimeoutError("took more than ten seconds")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def samples(channels, bits, frames):
    """Noise on the grid of so many bits, both of its ends included."""
    steps = np.random.default_rng(channels).integers(-(1 << bits - 1), 1 << bits - 1, (frames, channels))
    steps[:2] = [[-(1 << bits - 1)], [(1 << bits - 1) - 1]]
    return steps / (1 << bits - 1)


def made(folder, name, channels=2, frames=FRAMES):
    """A good file of that name from `PCM` or `LOSSY`, made with soundfile; the path and the samples."""
    kind, subtype, bits = PCM[name] if name in PCM else (*LOSSY[name], 16)
    data = samples(channels, bits, frames) / (1 if name in PCM else 4)
    # libsndfile scales floats by 2^n - 1, integers not at all.
    written = (data * 2.0**31).astype(np.int32) if subtype.startswith("PCM") else data
    sf.write(folder / name, written, 48_000, format=kind, subtype=subtype)
    return folder / name, data


def chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def wav(
    data=bytes(4_000),
    *,
    tag=1,
    channels=2,
    rate=48_000,
    bits=16,
    align=4,
    before=b"",
    after=b"",
    size=None,
    riff=None,
):
    """A WAV as bytes, with whatever lies in its header; `size` and `riff` are the declared sizes."""
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFFFFFF, align, bits)
    size = len(data) if size is None else size
    body = b"WAVE" + chunk(b"fmt ", form) + before + b"data" + struct.pack("<I", size) + data + after
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def refusal(path, content=None):
    """What is said of a file (of that content) when it is opened and read to its end."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioFileError) as caught, AudioFile(path) as file:
        file.read()
    name, _, text = str(caught.value).partition(": ")
    assert name == str(path)
    assert "\n" not in text
    return text


# --- good files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", PCM)
def test_good_files_are_read_bit_exact(tmp_path, name, channels):
    path, data = made(tmp_path, name, channels)
    container = inspect(path)
    assert (container.sample_rate, container.channels, container.frames) == (48_000, channels, FRAMES)
    assert (container.fault, container.trailing_bytes) == (None, 0)
    with AudioFile(path) as file:
        assert (file.rate, file.channels, file.frames, file.subtype) == (
            48_000,
            channels,
            FRAMES,
            PCM[name][1],
        )
        assert np.array_equal(file.read(), data)


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_files_are_read_whole(tmp_path, name):
    path, _ = made(tmp_path, name)
    container = inspect(path)
    assert (container.frames, container.fault, container.trailing_bytes) == (None, None, 0)
    with AudioFile(path) as file:
        decoded = file.read()
    assert len(decoded) >= FRAMES
    assert np.array_equal(decoded, sf.read(path, dtype="float64")[0])


@pytest.mark.parametrize("name", [*PCM, *LOSSY])
def test_any_part_at_any_time(tmp_path, name):
    path, _ = made(tmp_path, name)
    with AudioFile(path) as file:
        whole = file.read()
        for start, frames in [(0, None), (1_234, 1_000), (0, 10), (FRAMES - 1, 1), (3, None)]:
            part = np.concatenate(list(file.blocks(start, frames)))
            assert np.array_equal(part, whole[start : None if frames is None else start + frames])


@pytest.mark.parametrize("name, frames", [("opus.opus", 2 * BLOCK + 100), ("vorbis.ogg", 200_000)])
def test_the_end_of_an_ogg_file(tmp_path, needs, name, frames):
    """Where libsndfile errs, if it is read in blocks that end within the last packet, or after a seek."""
    path, _ = made(tmp_path, name, frames=frames)
    command = [needs("ffmpeg"), "-v", "error", "-i", path, "-f", "f32le", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True).stdout
    expected = np.frombuffer(decoded, dtype="<f4").reshape(-1, 2)
    with AudioFile(path) as file:
        blocks = list(file.blocks())
        assert len(blocks) > 1
        assert np.abs(np.concatenate(blocks) - expected).max() < 1e-5
        assert np.abs(np.concatenate(list(file.blocks(frames - 100))) - expected[-100:]).max() < 1e-5


@pytest.mark.parametrize("name", ["take.raw", "take", "take.WAV.txt", "Zoë ♭.wav"])
def test_a_name_says_nothing(tmp_path, name):
    (tmp_path / name).write_bytes(wav())
    with AudioFile(tmp_path / name) as file:
        assert file.frames == 1_000


@pytest.mark.parametrize(
    "surroundings",
    [
        {"before": chunk(b"LIST", b"INFOISFT\x06\0\0\0mixer\0")},
        {"before": chunk(b"junk", b"odd") + chunk(b"bext", bytes(603)) + chunk(b"JUNK", b"")},
        {"after": chunk(b"LIST", b"odd size of a list")},
        {"after": chunk(b"id3 ", b"odd"), "before": chunk(b"fact", bytes(4))},
        {"riff": 0},
    ],
)
def test_chunks_around_the_audio(tmp_path, surroundings):
    data = np.arange(2_000, dtype="<i2").tobytes()
    path = tmp_path / "x.wav"
    path.write_bytes(wav(data, **surroundings))
    assert inspect(path) == Container("WAV", 48_000, 2, 1_000)
    with AudioFile(path) as file:
        assert np.array_equal(file.read().ravel() * 32_768, np.arange(2_000))


def test_aiff_audio_may_begin_later(tmp_path):
    path, data = made(tmp_path, "16.aiff")
    content = bytearray(path.read_bytes())
    at = content.index(b"SSND")
    content[at + 16 : at + 16] = bytes(6)
    for place, number in [(4, len(content) - 8), (at + 4, 14 + 4 * FRAMES), (at + 8, 6)]:
        content[place : place + 4] = number.to_bytes(4)
    path.write_bytes(content)
    assert inspect(path) == Container("AIFF", 48_000, 2, FRAMES)
    with AudioFile(path) as file:
        assert np.array_equal(file.read(), data)


@pytest.mark.parametrize("name", ["24.wav", "rf64.wav", "24.aiff", "vorbis.ogg"])
@pytest.mark.parametrize("count", [1, 100])
def test_trailing_bytes_are_counted(tmp_path, name, count):
    path, _ = made(tmp_path, name)
    path.write_bytes(path.read_bytes() + b"x" * count)
    assert (inspect(path).trailing_bytes, inspect(path).fault) == (count, None)


def test_one_frame(tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(wav(b"\0\x40\0\xc0"))
    with AudioFile(path) as file:
        assert file.read().tolist() == [[0.5, -0.5]]


def test_an_mp3_behind_a_long_tag(tmp_path):
    path, _ = made(tmp_path, "layer3.mp3")
    size = 20_000
    digits = bytes(size >> 7 * place & 127 for place in (3, 2, 1, 0))
    path.write_bytes(b"ID3\3\0\0" + digits + bytes(size) + path.read_bytes())
    with AudioFile(path) as file:
        assert len(file.read()) == FRAMES


# --- truncated ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY_KIND)
def test_a_file_cut_off_anywhere_is_refused(tmp_path, name):
    path, _ = made(tmp_path, name)
    content = path.read_bytes()
    pages = [match.start() for match in re.finditer(b"OggS", content)]
    spread = np.linspace(120, len(content), 40, endpoint=False).astype(int)
    for cut in {*range(120), *spread, *pages, len(content) - 1}:
        assert "holds -" not in refusal(path, content[:cut])


def test_the_reference_that_was_cut_off_at_32_mib(tmp_path):
    path = tmp_path / "reference.wav"
    audio = 6_582_720 * 6
    path.write_bytes(wav(b"", bits=24, align=6, size=audio, riff=36 + audio))
    os.truncate(path, 33_554_432)
    assert sf.info(path).duration == pytest.approx(116.5, abs=0.05)  # libsndfile finds nothing wrong
    text = refusal(path)
    assert text.startswith(
        "truncated: its header declares 39,496,320 bytes of audio, the file holds 33,554,388"
    )
    assert "(116.51 s of 137.14 s)" in text
    assert "do not loop or pad it" in text
    with AudioFile(path, lenient=True) as file:
        assert file.container.fault in text


@pytest.mark.parametrize("name", ["vorbis.ogg", "opus.opus"])
def test_an_ogg_file_without_its_last_page(tmp_path, name):
    path, _ = made(tmp_path, name, frames=100_000)
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"OggS")])
    assert 0 < sf.info(path).frames < 100_000  # libsndfile finds nothing wrong
    assert "truncated" in refusal(path)


def test_metadata_cut_off_behind_the_audio(tmp_path):
    whole = wav(after=chunk(b"LIST", bytes(100)))
    text = refusal(tmp_path / "x.wav", whole[:-1])
    assert text.startswith(
        f"truncated: its header declares {len(whole):,} bytes, the file has {len(whole) - 1:,}"
    )


# --- headers that lie ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header, text",
    [
        ({"size": 0xFFFFFFFF, "riff": 0xFFFFFFFF}, "declares no length"),
        ({"size": 0}, "no audio in it (0 frames)"),
        ({"size": 0, "riff": 0}, "no audio in it (0 frames)"),
        ({"data": b""}, "no audio in it (0 frames)"),
        ({"size": 4_001}, "declares 4,001 bytes of audio, the file holds 4,000 (0.02 s of 0.02 s)"),
        ({"riff": 5_000}, "declares 5,008 bytes, the file has 4,044"),
        ({"data": bytes(3_999)}, "3,999 bytes of audio are not a whole number of 4-byte frames"),
        ({"channels": 0}, "declares 0 channels at 48,000 Hz"),
        ({"rate": 0}, "declares 2 channels at 0 Hz"),
        ({"align": 2}, "contradicts itself: 2,000 or 1,000 frames"),
        ({"align": 8}, "contradicts itself: 500 or 1,000 frames"),
        ({"align": 8, "bits": 24}, "contradicts itself: 500 or 666 frames"),
        ({"bits": 0}, "cannot be opened as WAV"),
        ({"tag": 0}, "cannot be opened as WAV"),
        ({"channels": 64, "align": 128, "data": bytes(1_280)}, "64 channels; expected 1 or 2"),
        ({"rate": 1}, "sample rate of 1 Hz; expected 4,000 to 384,000"),
        ({"rate": 768_000}, "sample rate of 768,000 Hz; expected 4,000 to 384,000"),
        ({"rate": 0xFFFFFFFF}, "cannot be opened as WAV"),
        ({"before": b"odd!" + struct.pack("<I", 3) + b"abc"}, "no audio data chunk"),
    ],
)
def test_wav_headers_that_lie(tmp_path, header, text):
    assert text in refusal(tmp_path / "x.wav", wav(**header))


def test_wav_without_its_chunks(tmp_path):
    whole = wav()
    assert "no format chunk" in refusal(tmp_path / "x.wav", whole[:12] + whole[36:])
    assert "no audio data chunk" in refusal(tmp_path / "x.wav", whole[:36])
    rf64 = b"RF64" + wav(size=0xFFFFFFFF, riff=0xFFFFFFFF)[4:]
    assert "declares 4,294,967,295 bytes of audio" in refusal(tmp_path / "x.wav", rf64)


@pytest.mark.parametrize(
    "offset, value, text",
    [
        (8, b"\0\0", "declares 0 channels at 48,000 Hz"),
        (8, b"\xff\xff", "Bad channel count"),
        (16, bytes(10), "declares 2 channels at 0 Hz"),
        (16, b"\xff" * 10, "declares 2 channels at 0 Hz"),
    ],
)
def test_aiff_headers_that_lie(tmp_path, offset, value, text):
    path, _ = made(tmp_path, "24.aiff")
    content = path.read_bytes()
    at = content.index(b"COMM") + offset
    assert text in refusal(path, content[:at] + value + content[at + len(value) :])


def test_flac_headers_that_lie(tmp_path):
    path, _ = made(tmp_path, "16.flac")
    content = path.read_bytes()
    packed = int.from_bytes(content[18:26])

    def declaring(frames):
        return content[:18] + (packed >> 36 << 36 | frames).to_bytes(8) + content[26:]

    assert "declares no length" in refusal(path, declaring(0))
    assert "cannot be decoded" in refusal(path, declaring(FRAMES + 100_000))


def test_an_mp3_that_does_not_say_how_long_it_is(tmp_path):
    path, _ = made(tmp_path, "layer3.mp3")
    content = path.read_bytes()
    assert "declares no length" in refusal(path, re.sub(b"Xing|Info", b"none", content))
    assert "declares no length" in refusal(path, re.sub(rb"(?<=Xing|Info)\0\0\0.", b"\0\0\0\x0e", content))


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3"])
def test_what_ffmpeg_writes_to_a_pipe_declares_no_length(tmp_path, needs, kind):
    ffmpeg = [needs("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", "sine=r=48000:d=0.5", "-f", kind]
    piped = subprocess.run([*ffmpeg, "-"], capture_output=True, check=True).stdout
    assert "declares no length" in refusal(tmp_path / "piped", piped)
    subprocess.run([*ffmpeg, tmp_path / "whole"], check=True)
    with AudioFile(tmp_path / "whole") as file:
        assert len(file.read()) == 24_000


# --- no audio at all ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "is empty, expected an audio file"),
        (
            b"These are notes on a song.",
            "is not WAV, RF64, AIFF, FLAC, Ogg or MP3 (it begins with b'These ar')",
        ),
        (b"RIFX" + wav()[4:], "is not WAV"),
        (b"\xff\xfe" + "notes".encode("utf-16-le"), "declares no length"),
    ],
)
def test_not_audio(tmp_path, content, text):
    assert text in refusal(tmp_path / "song.wav", content)


def test_not_a_file(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    assert refusal(tmp_path / "missing.wav") == "cannot be read: No such file or directory"
    assert refusal(tmp_path) == "is a folder, expected an audio file"
    assert refusal(tmp_path / "fifo") == "is not a regular file, expected an audio file"
    assert refusal(tmp_path / "loop").startswith("cannot be read: Too many levels of symbolic links")
    assert refusal(tmp_path / "loop" / "x.wav").startswith("cannot be read: ")


@pytest.mark.parametrize("head", [wav()[:36], b"FORM\x7f\0\0\0AIFF"])
def test_a_hole_of_a_gigabyte(tmp_path, head):
    """As left by a download that had its place reserved: zeros, which read as millions of empty chunks."""
    path = tmp_path / "x.wav"
    path.write_bytes(head)
    os.truncate(path, 1 << 30)
    assert "chunk" in refusal(path)


def test_nothing_stays_open(tmp_path):
    before = os.listdir("/proc/self/fd")
    for content in (wav(rate=1), wav(bits=0), wav(size=0), wav()[:100], b"fLaC" + bytes(100)):
        refusal(tmp_path / "x.wav", content)
    assert len(os.listdir("/proc/self/fd")) == len(before)


# --- anything else ------------------------------------------------------------------------------

MAGIC = [b"RIFF\0\0\0\0WAVE", b"RF64\0\0\0\0WAVE", b"FORM\0\1\0\0AIFC", b"fLaC", b"OggS", b"ID3", b"\xff\xfb"]
quick = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(path, content):
    path.write_bytes(content)
    with suppress(AudioFileError):
        assert isinstance(inspect(path), Container)
    with suppress(AudioFileError), AudioFile(path) as file:
        for block in file.blocks():
            assert block.shape[1] == file.channels


@given(magic=st.sampled_from([b"", *MAGIC]), tail=st.binary(max_size=200))
@quick
def test_random_bytes(tmp_path, magic, tail):
    opened(tmp_path / "x", magic + tail)


@pytest.mark.parametrize("name", EVERY_KIND)
def test_random_changes_of_a_good_header(tmp_path, name):
    good = made(tmp_path, name)[0].read_bytes()
    byte = st.tuples(st.integers(0, 127), st.integers(0, 255))

    @given(st.lists(byte, min_size=1, max_size=4), st.integers(100, len(good)))
    @quick
    def check(changes, size):
        content = bytearray(good)
        for at, value in changes:
            content[at] = value
        opened(tmp_path / "x", bytes(content[:size]))

    check()
