"""Strict reading: headers that lie, and what is no audio, are refused with a line that says why."""

from __future__ import annotations

import os
import struct
import subprocess
from contextlib import suppress

import pytest
from audio_files import EVERY_KIND, FRAMES, chunk, made, refusal, wav
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stemwright.audio import AudioFile, Container, inspect
from stemwright.base.errors import AudioFileError

pytestmark = pytest.mark.usefixtures("bounded")

SOUND = b"\1\2\3\4" * 1_000

# --- headers that lie ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header, text",
    [
        ({"size": 0xFFFFFFFF, "riff": 0xFFFFFFFF}, "declares no length"),
        ({"size": 0}, "declares 0 bytes of audio, but 4,000 bytes follow it"),
        ({"size": 0, "riff": 0}, "sox --ignore-length"),
        ({"size": 0x80000000 - 36}, "declares no length"),  # as sox and others write to a pipe
        (
            {"size": 2_000, "data": SOUND},
            "2,000 bytes after its end, which its header does not count: 500 frames more, if they are sound",
        ),
        ({"size": 2_000, "riff": 2_036, "data": SOUND}, "500 frames more"),
        ({"after": wav()}, "4,044 bytes after its end"),
        ({"after": chunk(b"data", bytes(4_000))}, "it has 2 audio chunks, of which players play the first"),
        ({"data": b""}, "no audio in it (0 frames)"),
        ({"size": 4_001}, "declares 4,001 bytes of audio, the file holds 4,000 (0.02 s of 0.02 s)"),
        ({"riff": 5_000}, "declares 5,008 bytes, the file has 4,044"),
        ({"data": bytes(3_999)}, "3,999 bytes of audio are not a whole number of 4-byte frames"),
        ({"channels": 0}, "declares 0 channels at 48,000 Hz"),
        ({"rate": 0}, "declares 2 channels at 0 Hz"),
        ({"align": 2}, "declares frames of 2 bytes, but 2 channels of 16 bits are 4"),
        ({"align": 8}, "declares frames of 8 bytes, but 2 channels of 16 bits are 4"),
        ({"align": 8, "bits": 24}, "declares frames of 8 bytes, but 2 channels of 24 bits are 6"),
        ({"align": 8, "bits": 32, "tag": 3, "channels": 1}, "but 1 channels of 32 bits are 4"),
        ({"bits": 0}, "cannot be opened as WAV"),
        ({"tag": 0}, "cannot be opened as WAV"),
        ({"channels": 64, "align": 128, "data": bytes(1_280)}, "64 channels; expected 1 or 2"),
        ({"rate": 1}, "sample rate of 1 Hz; expected 4,000 to 384,000"),
        ({"rate": 768_000}, "sample rate of 768,000 Hz; expected 4,000 to 384,000"),
        ({"rate": 0xFFFFFFFF}, "sample rate of 4,294,967,295 Hz; expected 4,000 to 384,000"),
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
    assert "declares no length" in refusal(tmp_path / "x.wav", rf64)


@pytest.mark.parametrize(
    "offset, value, text",
    [
        (8, b"\0\0", "declares 0 channels at 48,000 Hz"),
        (8, b"\xff\xff", "declares -1 channels at 48,000 Hz"),
        (10, b"\0\0\x07\xd0", "declares 2,000 frames (COMM), its audio chunk (SSND) has 4,001"),
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
    assert "declares 104,001 frames, the file holds 4,001" in refusal(path, declaring(FRAMES + 100_000))
    assert "declares 2,000 frames, but the file holds 4,001" in refusal(path, declaring(2_000))


@pytest.mark.parametrize("kind", ["wav", "flac"])
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
            "is not WAV, RF64, BW64, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC or M4A (it begins with b'These ar')",
        ),
        (b"RIFX" + wav()[4:], "is not WAV"),
        (b"\xff\xfe" + "notes".encode("utf-16-le"), "it has no frames of MPEG audio"),
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
