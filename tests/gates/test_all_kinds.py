"""What holds for all gates, the order they come in, and the verdicts and tables they make up."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import yaml
from gate_files import EXPECT, FACTS, RATE, clipped, only, tone

from stemwright.gates import STAGES, Check, Subject, format_table, make, verify
from stemwright.validation import registry

AUDIO = (
    "reference",
    "stem",
    "processed",
    "bus",
    "mix",
    "solo",
    "master",
    "printed",
    "delivered",
    "live",
    "disc",
)
WITH_WINDOWS = (*AUDIO[:6], "window", *AUDIO[6:])
LOUD = ("mix", "master", "delivered")
GATE_KINDS = {
    "album_archive": ("album_archive",),
    "album_loudness": ("disc",),
    "cue": ("cue",),
    "disc": ("disc",),
    "annotations": ("annotations",),
    "archive": ("archive",),
    "balance": ("mix", "master"),
    "bandwidth": ("reference", "processed"),
    "click": ("processed", "mix"),
    "clipping": ("reference", "window", "master", "delivered", "disc"),
    "compare": ("mix", "master"),
    "complement": ("mix",),
    "container": WITH_WINDOWS,
    "conversion": ("delivered",),
    "dataset_index": ("dataset_index",),
    "dataset_track": ("dataset_track",),
    "dc": AUDIO,
    "dropout": ("processed", "mix", "master"),
    "duplicate": ("mix",),
    "edges": ("mix", "master"),
    "finite": WITH_WINDOWS,
    "format": WITH_WINDOWS,
    "frames": WITH_WINDOWS,
    "grid": ("reference", "stem"),
    "handoff": ("handoff",),
    "live": ("live",),
    "loudness": LOUD,
    "loudness_range": LOUD,
    "metadata": ("delivered",),
    "momentary": LOUD,
    "mono_fold_down": ("mix", "master"),
    "noise_floor": ("master", "delivered"),
    "notes": ("notes",),
    "null_test": ("bus", "mix", "delivered", "archive"),
    "page": ("report",),
    "placeholder": ("stem",),
    "plr": LOUD,
    "preview": ("preview",),
    "reference_in_mix": ("mix", "master"),
    "repeatable": ("processed", "master"),
    "rms": ("master", "delivered"),
    "sample_peak": ("master", "delivered"),
    "seam": LOUD,
    "section_key": ("mix",),
    "short_term": LOUD,
    "silence": AUDIO,
    "stereo": ("reference", "stem", "processed", "mix", "master"),
    "tempo": ("reference", "stem"),
    "timeline": ("timeline",),
    "true_peak": LOUD,
}
WARNS = ("album_loudness", "compare", "edges", "placeholder", "plr", "repeatable", "section_key")
LIMITS = ("container", "format", "frames", "finite", "clipping", "dc", "silence", "loudness", "true_peak")

# --- which gates there are --------------------------------------------------------------------


def test_every_gate_and_what_it_applies_to():
    assert {name: registry.load("stemwright.gates", name).stages for name in GATE_KINDS} == GATE_KINDS
    assert {kind for kinds in GATE_KINDS.values() for kind in kinds} == set(STAGES)


def test_gates_come_in_the_order_asked_for():
    dc, clipping = make({"dc": {"error": 0.5}, "clipping": {}})
    assert (type(dc).__name__, dc.error, dc.warn, type(clipping).__name__) == ("Dc", 0.5, 0.001, "Clipping")


@pytest.mark.parametrize("name", GATE_KINDS)
def test_a_gate_refuses_unless_told_to_warn(name):
    gate = registry.load("stemwright.gates", name)
    default = "warn" if name in WARNS else "error"
    assert [f.default for f in fields(gate) if f.name == "severity"] == [default]
    assert (gate(severity="error").failed(), gate(severity="warn").failed()) == ("fail", "warn")


def test_config_yaml_shows_limits_as_they_are():
    listed = yaml.safe_load((Path(__file__).resolve().parents[2] / "config.yaml").read_text())["gates"]
    for name, limits in listed.items():
        assert limits.items() <= asdict(registry.load("stemwright.gates", name)()).items()


@pytest.mark.parametrize("name", sorted(GATE_KINDS))
def test_a_gate_says_where_its_number_is_from_and_what_to_do(name):
    doc = registry.load("stemwright.gates", name).__doc__
    assert "Source: " in doc and "Remedy: " in doc


# --- a sound file passes ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", AUDIO)
def test_a_good_file_passes_all_that_apply(tmp_path, kind):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    names = [name for name in LIMITS if kind in GATE_KINDS[name]]
    verdict = verify(Subject(str(path), kind, EXPECT, FACTS), make({name: {} for name in names}))
    assert verdict.passed
    told = [(check.id, check.status) for check in verdict.checks]
    assert told == [(name, "pass") for name in names]


# --- severity, verdicts, what people read -----------------------------------------------------

BAD = {
    "container": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "format": lambda path: sf.write(path, tone(), RATE, "PCM_16"),
    "frames": lambda path: sf.write(path, tone()[1:], RATE, "FLOAT"),
    "finite": lambda path: sf.write(path, tone() * math.nan, RATE, "FLOAT"),
    "clipping": lambda path: sf.write(path, clipped(9), RATE, "FLOAT"),
    "dc": lambda path: sf.write(path, tone() + 0.1, RATE, "FLOAT"),
    "silence": lambda path: sf.write(path, tone(-100), RATE, "FLOAT"),
    "loudness": lambda path: sf.write(path, tone(-9), RATE, "FLOAT"),
    "true_peak": lambda path: sf.write(path, tone(0), RATE, "FLOAT"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_severity(tmp_path, name):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    BAD[name](path)
    subject = Subject(str(path), "master", EXPECT, FACTS)
    assert only(verify(subject, make({name: {}}))).status == "fail"
    verdict = verify(subject, make({name: {"severity": "warn"}}))
    assert verdict.passed
    record = verdict.record()["checks"][0]
    assert record["status"] == "warn" and record["remedy"]
    assert all(key in record for key in ("id", "measured", "unit", "limit"))


def test_one_failure_is_enough(tmp_path):
    path = tmp_path / "a.wav"
    BAD["dc"](path)
    verdict = verify(
        Subject(str(path), "master", EXPECT, FACTS), make({"frames": {}, "dc": {}, "format": {}})
    )
    assert [check.status for check in verdict.checks] == ["pass", "fail", "pass"]
    assert not verdict.passed


def test_a_record_is_that_of_a_sentinel(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    facts = {"integer": False}
    verdict = verify(Subject(str(path), "master", EXPECT, facts), make({name: {} for name in LIMITS}))
    record = json.loads(json.dumps(verdict.record(), allow_nan=False))
    assert set(record) == {"artifact", "sha256", "kind", "format", "checks"}
    assert (record["artifact"], record["kind"], record["format"]) == (str(path), "master", EXPECT)
    assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [check["id"] for check in record["checks"]] == list(LIMITS)
    for check in record["checks"]:
        extra = {"reason"} if check["status"] == "skip" else set()
        assert set(check) == {"id", "measured", "unit", "limit", "status"} | extra
        assert check["status"] == ("skip" if check["id"] == "loudness" else "pass")


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "is empty"),
        (b"not audio at all", "is not WAV"),
        (None, "(0 frames)"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_recorded(tmp_path, content, told):
    path = tmp_path / "a.wav"
    sf.write(path, np.zeros((0, 2)), RATE, "FLOAT")
    if content is not None:
        path.write_bytes(content)
    verdict = verify(Subject(str(path), "stem", EXPECT), make({"dc": {}, "silence": {"severity": "warn"}}))
    check = only(verdict)
    assert (check.id, check.status) == ("readable", "fail") and told in check.reason
    assert verdict.record()["format"] is None
    assert told in format_table(verdict.checks)


def test_table():
    checks = [
        Check("frames", "pass", 16_000, "frames", "= 16,000"),
        Check("dc", "warn", 0.0023456789, "full scale", "<= 0.01", remedy="put a highpass into it"),
        Check("loudness", "fail", None, "LUFS", "-14 ±0.5", "cannot be measured", "lengthen the song"),
        Check("clipping", "skip", 3, "runs", reason="float samples may exceed full scale without clipping"),
    ]
    assert format_table(checks).splitlines() == [
        "check     status  measured               limit",
        "-" * 93,
        "frames    pass    16,000 frames          = 16,000",
        "dc        warn    0.00234568 full scale  <= 0.01",
        "loudness  FAIL    -                      -14 ±0.5",
        "clipping  skip    3 runs                 float samples may exceed full scale without clipping",
        "dc: put a highpass into it",
        "loudness: cannot be measured; lengthen the song",
    ]


def test_what_json_cannot_hold_is_text():
    records = [
        Check("a", "pass", value).record()["measured"] for value in (math.inf, -math.inf, -1.5, 3, "x", None)
    ]
    assert records == ["inf", "-inf", -1.5, 3, "x", None]
