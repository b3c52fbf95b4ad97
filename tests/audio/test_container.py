"""Strict reading: a good file is read whole and bit-exact, one that is cut off is refused with a line that says why."""

from __future__ import annotations

import os
import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_files import EVERY_KIND, FRAMES, LOSSY, PCM, chunk, made, refusal, wav

from stemwright.audio import BLOCK, AudioFile, Container, inspect

pytestmark = pytest.mark.usefixtures("bounded")

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
    assert (container.fault, container.trailing_bytes) == (None, 0)
    with AudioFile(path) as file:
        decoded = file.read()
    assert len(decoded) >= FRAMES and container.frames in (None, len(decoded))
    assert np.array_equal(decoded, sf.read(path, dtype="float64")[0][: len(decoded)])


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
