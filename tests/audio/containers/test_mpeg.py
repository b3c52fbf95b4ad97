"""MP3: decoded as one stream, and nothing of it dropped or damaged without a word."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import soundfile as sf
from audio_files import refusal

from stemwright.audio import AudioFile, inspect

RATES = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]


def sound(rate, channels=2, seconds=None):
    """Clicks and bursts between silences: bits saved in the silences are spent where sound begins."""
    frames = int(seconds * rate) if seconds else 150_000  # more than two blocks
    rng = np.random.default_rng(rate)
    bursts = (
        rng.normal(0, 0.3, (frames, channels)) * np.exp(-((np.arange(frames) / rate % 0.4) * 40))[:, None]
    )
    return np.clip(bursts, -1, 1)


def encoded(path, rate=48_000, channels=2, level=0.7, mode="VARIABLE", seconds=None):
    sf.write(
        path,
        sound(rate, channels, seconds),
        rate,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=level,
        bitrate_mode=mode,
    )
    return path.read_bytes()


def by_ffmpeg(ffmpeg, path, channels):
    command = [ffmpeg, "-v", "error", "-i", path, "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4").reshape(
        -1, channels
    )


def read(path):
    with AudioFile(path) as file:
        decoded = file.read()
        assert len(decoded) == file.frames
        return decoded


def without_tag(content):
    """The same without what the first frame declares."""
    return re.sub(b"Xing|Info", b"none", content, count=1)


def without_lame(content):
    """The same with a count of frames, but without LAME's delays and checksum."""
    at = re.search(b"LAME3|Lavc|Lavf", content).start()
    return content[:at] + bytes(36) + content[at + 36 :]


@pytest.mark.parametrize("change", [bytes, without_tag, without_lame])
@pytest.mark.parametrize("rate, mode", [(8_000, "VARIABLE"), (22_050, "CONSTANT"), (48_000, "VARIABLE")])
def test_the_whole_file_equals_that_of_ffmpeg(tmp_path, needs, rate, mode, change):
    ffmpeg, path = needs("ffmpeg"), tmp_path / "x.mp3"
    path.write_bytes(change(encoded(path, rate, mode=mode)))
    expected = by_ffmpeg(ffmpeg, path, 2)
    found = read(path)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-4
    with AudioFile(path) as file:  # any part, while another is read
        parts = zip(file.blocks(65_536 + 100, 1_000), file.blocks(3, 1_000), strict=True)
        for late, early in parts:
            assert np.array_equal(late, found[65_636:66_636]) and np.array_equal(early, found[3:1_003])


@pytest.mark.long
@pytest.mark.parametrize("rate", RATES)
def test_what_lame_writes_equals_that_of_ffmpeg(tmp_path, needs, rate):
    """At 24 kHz that of LAME itself: ffmpeg's tables for this rate are not those of ISO 13818-3."""
    lame, ffmpeg, path = needs("lame"), needs("ffmpeg"), tmp_path / "x.mp3"
    sf.write(tmp_path / "x.wav", sound(rate, seconds=150_000 / rate), rate, "PCM_16")
    bit_rates = ("320", "128") if rate >= 32_000 else ("64", "24")
    kinds = [["-V", v] for v in "0579"] + [["--cbr", "-b", b] for b in bit_rates] + [["--abr", "90"]]
    for n, kind in enumerate(kinds):
        more = [["-t"], ["-m", "f"], ["-m", "m", "-t"], ["-p"]][n % 4]
        command = [lame, "--quiet", "--resample", str(rate / 1000), *kind, *more, tmp_path / "x.wav", path]
        subprocess.run(command, check=True)
        found = read(path)
        if rate == 24_000:
            subprocess.run([lame, "--quiet", "--decode", path, tmp_path / "y.wav"], check=True)
            expected = sf.read(tmp_path / "y.wav", always_2d=True)[0]
            expected = expected[-len(found) :] if "-t" in more else expected  # LAME cuts its own delay
            found = found[-len(expected) :]
        else:
            expected = by_ffmpeg(ffmpeg, path, found.shape[1])
            assert len(found) == len(expected)
        assert np.abs(found - expected).max() < 1e-4, command


@pytest.mark.parametrize(
    "offset, told", [(-9, "holds"), (-1, "holds"), (9, "truncated: its header declares")]
)
def test_a_count_that_is_not_that_of_its_frames(tmp_path, offset, told):
    content = encoded(tmp_path / "x.mp3", seconds=1)
    at = re.search(b"Xing|Info", content).end() + 4
    count = int.from_bytes(content[at : at + 4])
    assert count == 43  # 48,000 frames, and the delays of encoder and decoder, in frames of 1,152
    declared = content[:at] + (count + offset).to_bytes(4) + content[at + 4 :]
    text = refusal(tmp_path / "x.mp3", declared)
    assert told in text and f"declares {count + offset} frames of MPEG audio" in text and "holds 43" in text


def test_several_recordings_in_one_file(tmp_path):
    path = tmp_path / "x.mp3"
    one, other = encoded(path, seconds=1), encoded(path, 44_100, seconds=1)
    for joined in (
        one + one,
        one + b"ID3\3\0\0\0\0\0\x0a" + bytes(10) + one,
        one + other,
        without_tag(one) + one,
    ):
        text = refusal(path, joined)
        assert "several recordings, one after another; the second begins at byte" in text
        assert "ffmpeg -i FILE whole.flac" in text


def test_frames_without_a_tag_are_one_recording_however_they_came_together(tmp_path, needs):
    path = tmp_path / "x.mp3"
    content = without_tag(encoded(path, seconds=1))
    path.write_bytes(content + content)
    assert len(read(path)) == len(by_ffmpeg(needs("ffmpeg"), path, 2)) == 2 * 44 * 1_152


@pytest.mark.parametrize(
    "tag",
    [
        b"TAG" + bytes(125),
        b"APETAGEX"
        + (2_000).to_bytes(4, "little")
        + (32).to_bytes(4, "little")
        + bytes(4)
        + b"\0\0\0\0"
        + bytes(8),
        b"LYRICSBEGIN" + b"IND0000200" + b"000021LYRICS200",
        bytes(1_000),
    ],
)
def test_tags_at_the_end_are_no_sound(tmp_path, tag):
    path = tmp_path / "x.mp3"
    content = encoded(path, seconds=1)
    path.write_bytes(content + tag)
    assert len(read(path)) == 48_000


def test_damage_is_seen_by_the_checksum_of_lame(tmp_path):
    """All of forty flips of one byte, wherever."""
    path, rng = tmp_path / "x.mp3", np.random.default_rng(5)
    content = encoded(path, seconds=1)
    assert inspect(path).checks[-1] == "the checksum of all frames (LAME)"
    for at in rng.integers(600, len(content), 40).tolist():
        text = refusal(path, content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :])
        assert "damaged" in text or "truncated" in text or "recordings" in text
    assert inspect(path).remedy.startswith("Get the file again")


def test_what_mp3gain_adjusted_is_not_damaged(tmp_path):
    """It changes a field in each frame and leaves the checksum as it was, but says so in a tag."""
    path = tmp_path / "x.mp3"
    content = encoded(path, seconds=1)
    item = b"MP3GAIN_MINMAX\0".join(((3).to_bytes(4, "little") + bytes(4), b"1,2"))
    head = (2_000).to_bytes(4, "little") + (len(item) + 32).to_bytes(4, "little") + (1).to_bytes(4, "little")
    tag = item + b"APETAGEX" + head + bytes(12)
    changed = content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]
    path.write_bytes(changed + tag)
    assert inspect(path).fault is None
    path.write_bytes(changed)
    assert "the checksum of its frames is" in inspect(path).fault
