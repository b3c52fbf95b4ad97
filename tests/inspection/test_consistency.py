"""Files that differ from the others are named with figures; what the sum shows to be harmless is only reported."""

from __future__ import annotations

import struct

import pytest
import soundfile as sf
import soxr
from exports import FRAMES, RATE, export, stems

from stemwright.inspection.consistency import judge_consistency
from stemwright.inspection.roles import find_roles
from stemwright.inspection.sounds import open_sounds


def odd(folder, is_proved=False):
    """Findings that do not pass, by check: (file, status, reason)."""
    sounds, _ = open_sounds([(path.name, str(path)) for path in sorted(folder.iterdir())])
    found = judge_consistency(find_roles(sounds, {}), is_proved)
    return {f.check.id: (f.file, f.check.status, f.check.reason) for f in found if f.check.status != "pass"}


def test_files_that_go_together(tmp_path):
    assert odd(export(tmp_path / "x", stems())) == {}


def test_one_stem_at_another_rate(tmp_path):
    parts = stems()
    parts["keys"] = soxr.resample(parts["keys"], 8_000, 11_025)
    folder = export(tmp_path / "x", parts, sum(stems().values()), own={"keys": ("PCM_24", 11_025)}.items())
    assert odd(folder) == {"rate": ("Song_keys.wav", "fail", "11,025 Hz, the others 8,000 Hz")}


@pytest.mark.parametrize(("is_proved", "status"), [(False, "fail"), (True, "warn")])
def test_one_stem_is_short(is_proved, status, tmp_path):
    parts = stems()
    parts["bass"] = parts["bass"][: FRAMES - 1086]
    folder = export(tmp_path / "x", parts, sum(stems().values()))
    file, found, reason = odd(folder, is_proved)["length"]
    assert (file, found) == ("Song_bass.wav", status)
    assert reason.startswith("1,086 samples (135.8 ms) shorter than the others")


def test_ends_that_are_trimmed_in_every_file_are_a_habit(tmp_path):
    parts = {name: s[: FRAMES - 900 * i] for i, (name, s) in enumerate(stems().items())}
    for sound in parts.values():
        sound[-800:] = 0
    folder = export(tmp_path / "x", parts, parts["bass"])
    (folder / "Song_mix.wav").unlink()
    assert odd(folder)["length"][1] == "warn"


def test_one_mono_stem_and_one_of_16_bits(tmp_path):
    parts = stems()
    parts["drums"] = parts["drums"].mean(axis=1)
    folder = export(
        tmp_path / "x",
        {**stems(), "drums": parts["drums"]},
        sum(stems().values()),
        own={"keys": ("PCM_16", RATE)}.items(),
    )
    assert odd(folder) == {
        "channels": ("Song_drums.wav", "fail", "mono, the others stereo"),
        "sample_format": ("Song_keys.wav", "fail", "PCM_16, the others PCM_24"),
    }


def with_time_reference(path, frames):
    """Put a bext chunk before the data, as EBU Tech 3285 lays it out."""
    data = path.read_bytes()
    bext = bytes(338) + struct.pack("<Q", frames) + bytes(602 - 346)
    chunk = b"bext" + struct.pack("<I", len(bext)) + bext
    body = data[12:]
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunk) + len(body)) + b"WAVE" + chunk + body)


def test_time_stamps(tmp_path):
    folder = export(tmp_path / "x", stems())
    for path in folder.iterdir():
        with_time_reference(path, 172_800_000)
    assert odd(folder) == {}
    sf.write(folder / "Song_keys.wav", stems()["keys"], RATE, "PCM_24")
    with_time_reference(folder / "Song_keys.wav", 172_801_086)
    assert odd(folder) == {
        "start": ("Song_keys.wav", "fail", "172,801,086 frames, the others 172,800,000 frames")
    }
