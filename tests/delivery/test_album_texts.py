"""The texts of an album's archive: what they say, and that what was measured stands where it belongs."""

from __future__ import annotations

import json

from stemwright.delivery.album_texts import album_manifest, album_readme

FORMAT = {"sample_rate": 44_100, "channels": 2, "subtype": "PCM_16", "frames": 88_200}
TRACK = {
    "number": 1,
    "song": "a",
    "title": "A — “é”",
    "artist": None,
    "isrc": None,
    "gap_s": 0.0,
    "start_s": 0.0,
}
PARAMS = {
    "album": "night",
    "title": "Night",
    "artist": "Nobody",
    "upc": None,
    "notes": "Play it loud.\n",
    "target": None,
    "versions": {"soxr": "1", "numpy": "2"},
    "tracks": [
        {**TRACK, "file": "01.wav"},
        {**TRACK, "file": "02.wav", "number": 2, "artist": "B", "isrc": "USRC17607839", "start_s": 125.5},
    ],
}


def sentinel(sha256, form=FORMAT, **checks):
    checks = [{"id": name.replace("__", "."), "measured": value} for name, value in checks.items()]
    return {"sha256": sha256 * 64, "format": form, "checks": checks}


def described():
    sentinels = {
        "01.wav": sentinel("1", loudness=-14.02),
        "02.wav": sentinel("2", loudness=None),
        "night.wav": sentinel(
            "3", album_loudness__album=-15.5, album_loudness__loudest=-14.0, album_loudness__spread=0.0
        ),
        "night.cue": sentinel("4", None),
    }
    return album_manifest(PARAMS, sentinels, "night.wav", "night.cue")


def test_the_manifest():
    said = json.loads(json.dumps(described()))
    assert said["loudness"] == {"album_lufs": -15.5, "loudest_lufs": -14.0, "spread_lu": 0.0}
    assert [track["loudness_lufs"] for track in said["tracks"]] == [-14.02, None]
    assert list(said["versions"]) == ["numpy", "soxr"]
    assert [(f["name"], f["role"], f["sha256"][0], f.get("seconds")) for f in said["files"]] == [
        ("01.wav", "track", "1", 2.0),
        ("02.wav", "track", "2", 2.0),
        ("night.wav", "disc", "3", 2.0),
        ("night.cue", "cue", "4", None),
    ]


def test_the_readme_says_in_its_first_lines_what_this_is_and_how_to_check_it():
    lines = album_readme(described()).splitlines()
    assert lines[:2] == ["Night, by Nobody", "================"]
    assert "each as a file, and all as one for a CD" in lines[3]
    assert lines[4].endswith("python3 verify.py, or: sha256sum -c SHA256SUMS")
    assert "Play it loud." in lines
    assert "01  0:00  A — “é”                   -14.0 LUFS" in lines
    assert "02  2:05  A — “é”  B  USRC17607839  not measurable" in lines
    assert any(line.startswith("The album -15.5 LUFS, its loudest track -14.0 LUFS; ") for line in lines)
