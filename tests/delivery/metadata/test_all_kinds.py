"""What holds for all containers: other programs read in them what was written, and their samples are as before."""

import base64
import subprocess

import pytest
import soundfile as sf
from said import CONTAINERS, MARKERS, RATE, SAID, TAGS, png, tagged, untagged

from stemwright.delivery.formats import FORMATS
from stemwright.delivery.metadata import Metadata, write_metadata
from stemwright.delivery.metadata._id3 import tag_bytes

ID3 = {
    "title": "Title",
    "artist": "Artist",
    "album": "Album",
    "albumartist": "Band",
    "composer": "Composer",
    "track": "Track",
    "isrc": "ISRC",
    "copyright": "Copyright",
    "genre": "Genre",
    "language": "Language",
    "comment": "Comment-xxx",
}
VORBIS = {
    **ID3,
    "albumartist": "Albumartist",
    "isrc": "ISRCNumber",
    "date": "Date",
    "key": "Key",
    "upc": "Barcode",
    "comment": "Comment",
}
ITEMS = {**ID3, "albumartist": "AlbumArtist", "comment": "Comment"}
FREE = {"isrc": "ISRC", "language": "LANGUAGE", "key": "InitialKey", "upc": "Barcode"}
WRITERS = [container for container in CONTAINERS if container != "ALAC"]  # whose tags are those of AAC
CHAPTERS = [(at / RATE, title) for at, _, title in MARKERS]


def test_the_containers_that_are_tested_are_all():
    assert sorted(CONTAINERS) == sorted(FORMATS)


@pytest.mark.parametrize("container", ("WAV", "AIFF", "MP3"))
def test_id3_is_read_by_exiftool(exiftool, container):
    found = {name.removeprefix("ID3v2_4:"): value for name, value in exiftool[container].items()}
    assert {tag: found[name] for tag, name in ID3.items()} == {tag: TAGS[tag] for tag in ID3}
    assert (found["BeatsPerMinute"], found["InitialKey"], found["RecordingTime"]) == (98, "F#m", "2024:05:31")
    assert found["UserDefinedText"] == "(BARCODE) 036000291452"
    assert base64.b64decode(found["Picture"].removeprefix("base64:")) == png()
    assert (found["PictureMIMEType"], found["PictureType"]) == ("image/png", 3)


def test_exiftool_takes_no_long_frame_for_broken(tmp_path, needs):
    (tmp_path / "a.mp3").write_bytes(tag_bytes(Metadata({"title": 40 * "Night"}, 48_000)))
    said = subprocess.run([needs("exiftool"), tmp_path / "a.mp3"], capture_output=True, text=True).stdout
    assert 40 * "Night" in said and "frame size" not in said


@pytest.mark.parametrize("container", ("FLAC", "OGG", "OPUS"))
def test_comments_are_read_by_exiftool(exiftool, container):
    found = {name.removeprefix("Vorbis:"): value for name, value in exiftool[container].items()}
    texts = {tag: name for tag, name in VORBIS.items() if tag != "track"}
    assert {tag: found[name] for tag, name in texts.items()} == {tag: TAGS[tag] for tag in texts}
    assert (found["TrackNumber"], found["Tracktotal"], found["Bpm"]) == (3, 10, 97.5)
    factor = 6 if container == "OPUS" else 1  # Opus counts at 48 kHz
    assert (found["Loopstart"], found["Looplength"]) == (1_000 * factor, 2_001 * factor)
    picture = {name.removeprefix("FLAC:Picture"): value for name, value in exiftool[container].items()}
    assert base64.b64decode(picture[""].removeprefix("base64:")) == png()
    assert [picture[key] for key in ("MIMEType", "Type", "Width", "Height", "BitsPerPixel")] == [
        "image/png",
        3,
        3,
        2,
        24,
    ]


@pytest.mark.parametrize("container", ("AAC", "ALAC"))
def test_atoms_are_read_by_exiftool(exiftool, container):
    found = exiftool[container]
    texts = {tag: name for tag, name in ITEMS.items() if tag not in FREE and tag != "track"}
    assert {tag: found[f"ItemList:{name}"] for tag, name in texts.items()} == {
        tag: TAGS[tag] for tag in texts
    }
    assert {tag: found[f"iTunes:{name}"] for tag, name in FREE.items()} == {tag: TAGS[tag] for tag in FREE}
    assert (found["ItemList:TrackNumber"], found["ItemList:BeatsPerMinute"]) == ("3 of 10", 98)
    assert found["ItemList:ContentCreateDate"] == "2024:05:31"
    assert base64.b64decode(found["ItemList:CoverArt"].removeprefix("base64:")) == png()


@pytest.mark.parametrize("container", CONTAINERS)
def test_tags_are_read_by_mediainfo(mediainfo, container):
    found = mediainfo[container][0]
    names = {"isrc": "ISRC", "album": "Album", "albumartist": "Album_Performer", "composer": "Composer"}
    names |= {"genre": "Genre", "copyright": "Copyright", "date": "Recorded_Date", "title": "Track"}
    assert {tag: found[name] for tag, name in names.items()} == {tag: TAGS[tag] for tag in names}
    tempo = "97.5" if container in ("FLAC", "OGG", "OPUS") else "98"
    assert (found["Track_Position"], found["Track_Position_Total"], found["BPM"]) == ("3", "10", tempo)
    assert found["Cover"] == "Yes"


@pytest.mark.parametrize("container", CONTAINERS)
def test_tags_and_sections_are_read_by_ffprobe(ffprobe, container):
    found = ffprobe[container]
    where = found["streams"][0] if container in ("OGG", "OPUS") else found["format"]
    tags = {name.lower(): value for name, value in where["tags"].items()}
    assert {name: tags[name] for name in ("title", "artist", "date", "comment")} == {
        name: TAGS[name] for name in ("title", "artist", "date", "comment")
    }
    assert any(stream.get("disposition", {}).get("attached_pic") for stream in found["streams"])
    chapters = [(float(each["start_time"]), each["tags"]["title"].rstrip(" ")) for each in found["chapters"]]
    if container == "AIFF":  # ffmpeg does not read the markers of AIFF, see test_aiff.py
        return
    assert [title for _, title in chapters] == [title for _, title in CHAPTERS]
    assert [at for at, _ in chapters] == pytest.approx([at for at, _ in CHAPTERS], abs=0.0006)


@pytest.mark.parametrize("container", CONTAINERS)
def test_samples_stay_and_a_second_time_gives_the_same_bytes(tmp_path, container, needs):
    path, cover = untagged(tmp_path, container), tmp_path / "cover.png"
    cover.write_bytes(png())
    plain, before = path.read_bytes(), samples(path, needs("ffmpeg"))
    write_metadata(path, container, SAID, str(cover))
    once = path.read_bytes()
    assert samples(path, needs("ffmpeg")) == before and len(before) >= 4_000 * 8
    path.write_bytes(plain)
    write_metadata(path, container, SAID, str(cover))
    assert path.read_bytes() == once != plain


def samples(path, ffmpeg):
    """What a file decodes to, by libsndfile or, for M4A, by ffmpeg."""
    if path.suffix != ".m4a":
        return sf.read(path, dtype="int32")[0].tobytes()
    return subprocess.check_output([ffmpeg, "-v", "error", "-i", path, "-map", "0:a", "-f", "s32le", "-"])


@pytest.mark.parametrize("container", WRITERS)
def test_a_file_that_is_to_say_nothing_is_left_as_it_is(tmp_path, container, needs):
    needs("ffmpeg")
    path = untagged(tmp_path, container)
    before = path.read_bytes()
    write_metadata(path, container, {})
    assert path.read_bytes() == before


HOSTILE = "AC/DC (17)\0\x1b[2J\ud800 \\ \u202e\ufeff<&>\"'=;# 夜🚌" + "é" * 300 + "🚌\\"
HELD = HOSTILE.replace("\0", "").replace("\x1b", "").replace("\ud800", "")


@pytest.mark.parametrize("container", WRITERS)
def test_hostile_texts_harm_nothing(tmp_path, container, needs):
    needs("ffmpeg")
    texts = {name: HOSTILE for name in ("title", "artist", "album", "genre", "copyright")}
    said = {
        **SAID,
        "tags": {**texts, "comment": HOSTILE * 30},
        "markers": [[0, 4_000, HOSTILE]],
        "bext": {**SAID["bext"], "description": HOSTILE, "originator": HOSTILE},
        "ixml": {"project": HOSTILE, "time_reference": 0},
    }
    path = tagged(tmp_path, container, said, cover=False)
    command = [
        needs("ffprobe"),
        "-v",
        "error",
        "-show_entries",
        "format_tags:stream_tags:chapter_tags",
        "-of",
        "flat",
    ]
    printed = subprocess.check_output([*command, path], text=True)
    quoted = HELD.replace("\\", "\\\\").replace('"', '\\"')
    found = {
        line.partition("=")[0].lower().rpartition(".")[2]: line.partition("=")[2]
        for line in printed.splitlines()
    }
    assert found["artist"] == f'"{quoted}"'
    assert found["album"] == f'"{quoted}"'
    assert found["comment"] == f'"{quoted * 30}"'
