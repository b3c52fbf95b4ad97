"""What WAV and RF64 files say: read by wavinfo, ffmpeg, and by the bytes themselves."""

import re
import struct
import subprocess

import numpy as np
import pytest
import soundfile as sf
import wavinfo
from said import MARKERS, RATE, SAID

from stemwright.delivery.metadata import write_metadata

LABELS = [("Intro", 1_000), ("Vérse = [1]; #2 \\", 2_001), ("夜 🚌", 999)]


@pytest.fixture(scope="module", params=["WAV", "RF64"])
def file(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    noise = np.random.default_rng(1).normal(0, 0.1, (4_000, 2))
    sf.write(path, noise, RATE, "PCM_16", format=request.param)
    write_metadata(path, "WAV", SAID)
    return path


@pytest.fixture(scope="module")
def read(file):
    return wavinfo.WavInfoReader(str(file), info_encoding="utf-8")


def chunks(path):
    """(name, size) of each chunk, by the format's own definition; of RF64, the audio's size stands in ds64."""
    data = path.read_bytes()
    wide = data[:4] == b"RF64"
    declared = struct.unpack_from("<Q", data, 20)[0] if wide else struct.unpack_from("<I", data, 4)[0]
    assert declared == len(data) - 8 and data[8:12] == b"WAVE"
    found, at = [], 12
    while at < len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        size = struct.unpack_from("<Q", data, 28)[0] if (wide and name == b"data") else size
        found.append((name, size))
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def test_all_chunks_are_whole_and_stand_before_the_audio(file):
    names = [name for name, _ in chunks(file)]
    ours = [b"bext", b"iXML", b"CSET", b"LIST", b"cue ", b"LIST", b"smpl", b"id3 ", b"data"]
    assert names[-len(ours) :] == ours
    assert all(size % 2 == 0 for _, size in chunks(file))  # libsndfile knows of no pad bytes in RF64
    assert len(sf.read(file)[0]) == 4_000
    assert set(names[: -len(ours)]) <= {b"ds64", b"fmt ", b"fact"} and chunks(file)[-1][1] == 4_000 * 4


def test_bext(read):
    found = read.bext
    assert found.description == "Ana - Night Bus ? " + "x" * 238
    assert (found.originator, found.originator_date, found.originator_time) == (
        "Ana",
        "2024-05-31",
        "10:00:00",
    )
    assert (found.time_reference, found.version) == (RATE * 36_000, 2)
    assert found.coding_history == "A=PCM,F=8000,W=16,M=stereo,T=Stemwright\r\n"


@pytest.mark.parametrize("date", ["", "2024", "2024-05"])
def test_a_date_that_is_no_day_is_zeros_which_every_reader_takes(tmp_path, date):
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((800, 1)), RATE, "FLOAT")
    write_metadata(path, "WAV", {"rate": RATE, "bext": {**SAID["bext"], "date": date}})
    found = wavinfo.WavInfoReader(str(path)).bext
    assert (found.originator_date, found.coding_history[:16]) == ("0000-00-00", "A=PCM,F=8000,W=3")


def test_cues_are_at_the_frames_of_sections_with_their_titles_and_lengths(read):
    cues = read.cues
    assert [cue.sample_offset for cue in cues.cues] == [cue.position for cue in cues.cues]
    assert [cue.sample_offset for cue in cues.cues] == [at for at, _, _ in MARKERS]
    found = [(cues.label_and_note(cue.name)[0], cues.range(cue.name)) for cue in cues.cues]
    assert found == LABELS


def test_the_loop_ends_with_its_last_frame(read):
    (loop,) = read.smpl.to_dict()["loops"]
    assert (loop["start_samples"], loop["end_samples"], loop["loop_type_description"]) == (
        1_000,
        3_000,
        "FORWARD",
    )
    assert (loop["repetition_count"], read.smpl.sample_period_ns) == (0, 125_000)


def test_ixml_is_whole_and_names_its_tracks(read):
    assert read.ixml.project == "A & B <c>"
    assert [track.name for track in read.ixml.track_list] == ["Left", "Right"]
    found = {each.tag: each.text for each in read.ixml.parsed.iter()}
    assert found["NOTE"] == "1 < 2" and found["TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO"] == str(RATE * 36_000)


def test_info(read):
    found = read.info
    assert (found.title, found.artist, found.product) == (
        SAID["tags"]["title"],
        SAID["tags"]["artist"],
        "A & B <c>",
    )
    assert (found.copyright, found.genre, found.created_date) == ("2024 Harbour", "Drum & Bass", "2024-05-31")


@pytest.mark.parametrize("channels, dual_mono", [(2, False), (1, False), (1, True)])
def test_loudness_in_bext_is_that_of_ffmpeg(tmp_path, needs, channels, dual_mono):
    path = tmp_path / "a.wav"
    levels = np.repeat([0.02, 0.2, 0.05, 0.1], 48_000 * 2)
    tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(len(levels))) * levels
    sf.write(path, np.outer(tone, [1, 0.7][:channels]), 48_000, "PCM_24")
    write_metadata(path, "WAV", {"rate": 48_000, "bext": {**SAID["bext"], "dual_mono": dual_mono}})
    found = wavinfo.WavInfoReader(str(path)).bext
    meter = f"ebur128=peak=true:dualmono={str(dual_mono).lower()}:framelog=verbose:metadata=1"
    log = [
        needs("ffmpeg"),
        "-nostdin",
        "-v",
        "info",
        "-i",
        path,
        "-af",
        f"{meter},ametadata=print",
        "-f",
        "null",
        "-",
    ]
    printed = subprocess.run(log, capture_output=True, text=True, check=True).stderr

    def highest(name):
        return max(
            float(value) for value in re.findall(rf"lavfi.r128.{name}=(\S+)", printed) if value != "nan"
        )

    summary = {
        name: float(value) for name, value in re.findall(r"^ +(I|LRA|Peak): +(\S+) ", printed, re.MULTILINE)
    }
    assert found.loudness_value == pytest.approx(summary["I"], abs=0.1)
    assert found.loudness_range == pytest.approx(summary["LRA"], abs=0.1)
    assert found.max_true_peak == pytest.approx(summary["Peak"], abs=0.1)
    assert found.max_momentary_loudness == pytest.approx(highest("M"), abs=0.1)
    assert found.max_shortterm_loudness == pytest.approx(highest("S"), abs=0.1)


def test_what_cannot_be_measured_is_marked_as_unused(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((800, 1)), RATE, "PCM_16")
    write_metadata(path, "WAV", {"rate": RATE, "bext": SAID["bext"]})
    data = path.read_bytes()
    levels = struct.unpack_from("<5h", data, data.index(b"bext") + 8 + 412)
    assert levels == (0x7FFF,) * 5  # EBU Tech 3285 v2, 2.3


def test_frames_are_those_of_a_file_of_another_rate(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((22_050, 1)), 44_100, "PCM_16")
    write_metadata(path, "WAV", SAID)
    read = wavinfo.WavInfoReader(str(path))
    assert [cue.sample_offset for cue in read.cues.cues] == [0, 5_513, 16_543]  # 5512.5 and 16543.01
    assert read.bext.time_reference == 44_100 * 36_000
    assert read.smpl.to_dict()["loops"][0]["end_samples"] == 16_542


def test_silence_takes_no_room(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((4_000_000, 1)), RATE, "PCM_16")
    write_metadata(path, "WAV", {"rate": RATE, "tags": {"title": "Rest"}})
    assert path.stat().st_size > 8_000_000 > 4 * 512 * path.stat().st_blocks
    assert not sf.read(path, dtype="int16")[0].any()


def test_text_of_ascii_alone_needs_no_code_page(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((800, 1)), RATE, "PCM_16")
    write_metadata(path, "WAV", {"rate": RATE, "tags": {"title": "Rest", "comment": "x" * 200}})
    assert [name for name, _ in chunks(path)] == [b"fmt ", b"LIST", b"id3 ", b"data"]
