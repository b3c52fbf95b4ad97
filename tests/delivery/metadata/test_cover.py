"""Covers: whole images are known by their bytes; what is none, is cut or is too large is refused and named."""

import struct
import subprocess
import zlib

import pytest
from said import png

from stemwright.base.errors import StemwrightError
from stemwright.delivery.metadata._cover import MOST_BYTES, read_cover


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory, needs):
    """A JPEG of 40 x 30 pixels by ffmpeg."""
    path = tmp_path_factory.mktemp("jpeg") / "a.jpg"
    source = ["-f", "lavfi", "-i", "testsrc=size=40x30:duration=0.04", "-frames:v", "1"]
    subprocess.run([needs("ffmpeg"), "-v", "error", *source, path], check=True)
    return path.read_bytes()


def test_a_png_is_known_whatever_it_is_called(tmp_path):
    (tmp_path / "a.jpg").write_bytes(png(4, 5))
    cover = read_cover(tmp_path / "a.jpg")
    assert (cover.mime, cover.width, cover.height, cover.depth) == ("image/png", 4, 5, 24)


def test_a_jpeg_is_known_and_may_have_a_picture_in_it_and_bytes_behind_it(tmp_path, jpeg):
    exif = b"Exif\0\0" + jpeg
    within = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
    for data in (jpeg, jpeg + b"more", within):
        (tmp_path / "a").write_bytes(data)
        cover = read_cover(tmp_path / "a")
        assert (cover.mime, cover.width, cover.height, cover.depth) == ("image/jpeg", 40, 30, 24)
        assert cover.data == data


def test_every_cut_is_seen(tmp_path, jpeg):
    for whole in (jpeg, png()):
        for length in range(20, len(whole), 43):
            (tmp_path / "a").write_bytes(whole[:length])
            with pytest.raises(StemwrightError, match="is truncated: get the whole image again"):
                read_cover(tmp_path / "a")


@pytest.mark.parametrize(
    "data, told",
    [
        (b"", "is no JPEG or PNG \\(is empty\\)"),
        (b"GIF89a....", "is no JPEG or PNG \\(begins with b'GIF89a..'\\)"),
        (b"<svg></svg>", "is no JPEG or PNG"),
        (png().replace(b"IDAT", b"IDAX"), "is damaged in its chunk b'IDAX'"),
        (png(10_001, 1), "has 10,001 x 1 pixels, a cover 1 to 10,000 on a side"),
        (png(0, 1), "has 0 x 1 pixels"),
        (b"\xff\xd8\xff\xd9", "has no picture before its end"),
        (b"\xff\xd8\xff\xe0\0\4abcd\xff\xd9", "is damaged at byte 8"),
        (bytes(MOST_BYTES + 1), "has 10,000,001 bytes, a cover at most 10,000,000"),
        (
            b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND")),
            "has no header",
        ),
    ],
)
def test_what_is_no_cover_is_named(tmp_path, data, told):
    (tmp_path / "front.png").write_bytes(data)
    with pytest.raises(StemwrightError, match=f"front.png: {told}"):
        read_cover(tmp_path / "front.png")
