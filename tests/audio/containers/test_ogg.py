"""Ogg: every page is there, and as it was written."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
from audio_files import made, refusal

from stemwright.audio import AudioFile, inspect

KINDS = {"vorbis.ogg": 60_000, "opus.opus": 300_000}  # frames, so that there are some pages


def pages(content):
    starts = [match.start() for match in re.finditer(b"OggS\0", content)]
    return [content[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ogg")
    return {name: made(folder, name, frames=frames)[0].read_bytes() for name, frames in KINDS.items()}


@pytest.mark.parametrize("name", KINDS)
def test_a_flipped_byte_is_seen_wherever_it_is(tmp_path, whole, name):
    content, rng = whole[name], np.random.default_rng(3)
    for at in rng.integers(0, len(content), 60).tolist():
        refusal(tmp_path / "x", content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :])
    at = len(content) // 2
    text = refusal(tmp_path / "x", content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert re.match(r"damaged: the checksum of page \d+ at byte [\d,]+ is wrong. Get the file again", text)


@pytest.mark.parametrize("name", KINDS)
def test_pages_that_are_missing_repeated_or_in_another_order(tmp_path, whole, name):
    parts = pages(whole[name])
    assert len(parts) > 5 and b"".join(parts) == whole[name]
    text = refusal(tmp_path / "x", b"".join(parts[:3] + parts[4:]))
    assert f"damaged: of its pages, 3 to 3 are missing before byte {len(b''.join(parts[:3])):,}" in text
    assert "follows page" in refusal(tmp_path / "x", b"".join(parts[:4] + parts[3:]))
    assert "missing" in refusal(tmp_path / "x", b"".join([*parts[:3], parts[4], parts[3], *parts[5:]]))
    assert "there should be a page" in refusal(
        tmp_path / "x", b"".join(parts[:3]) + b"junk" + b"".join(parts[3:])
    )


@pytest.mark.parametrize("name", KINDS)
def test_a_chained_file(tmp_path, whole, name):
    """Of which libsndfile plays the first recording only."""
    again = made(tmp_path, name, channels=1)[0].read_bytes()
    text = refusal(tmp_path / "x", whole[name] + again)
    assert (
        f"several recordings, one after another (chained); the second begins at byte {len(whole[name]):,}"
        in text
    )
    assert "ffmpeg -i FILE whole.flac" in text


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_file_says_what_was_compared(tmp_path, whole, name):
    (tmp_path / "x").write_bytes(whole[name])
    found = inspect(tmp_path / "x")
    assert (found.fault, found.checks) == (None, ("the number and the checksum of each page",))
    assert found.kind == {"vorbis.ogg": "OGG (Vorbis)", "opus.opus": "OGG (Opus)"}[name]


def test_flac_in_ogg(tmp_path, needs):
    path, ffmpeg = tmp_path / "x.oga", needs("ffmpeg")
    wav, data = made(tmp_path, "16.wav")
    subprocess.run([ffmpeg, "-v", "error", "-i", wav, "-c:a", "flac", path], check=True)
    with AudioFile(path) as file:
        assert file.container.kind == "OGG (FLAC)"
        assert np.array_equal(file.read(), data)
    content = path.read_bytes()
    assert "checksum" in refusal(path, content[:-50] + bytes([content[-50] ^ 1]) + content[-49:])
