"""Gates: for each a good file, one just inside its limit, one just outside, and one that is plainly bad."""

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

from stemwright.gates import STAGES, Check, Subject, format_table, make, verify
from stemwright.mixing.loudness_targets import limits
from stemwright.validation import registry

RATE = 8_000
FRAMES = 16_000
EXPECT = {"sample_rate": RATE, "channels": 2, "subtype": "FLOAT", "frames": FRAMES}
FACTS = {"target": limits(None, -20.0, None, None), "integer": True}

AUDIO = ("reference", "stem", "processed", "mix", "master", "delivered")
LOUD = ("mix", "master", "delivered")
GATE_KINDS = {
    "archive": ("archive",),
    "balance": ("mix", "master"),
    "bandwidth": ("reference", "processed"),
    "click": ("processed", "mix"),
    "clipping": ("reference", "master", "delivered"),
    "container": AUDIO,
    "dc": AUDIO,
    "dropout": ("processed", "mix", "master"),
    "duplicate": ("mix",),
    "edges": ("mix", "master"),
    "finite": AUDIO,
    "format": AUDIO,
    "frames": AUDIO,
    "grid": ("reference", "stem"),
    "loudness": LOUD,
    "loudness_range": LOUD,
    "momentary": LOUD,
    "mono_fold_down": ("mix", "master"),
    "noise_floor": ("master", "delivered"),
    "null_test": ("mix", "delivered", "archive"),
    "placeholder": ("stem",),
    "plr": LOUD,
    "reference_in_mix": ("mix", "master"),
    "rms": ("master", "delivered"),
    "sample_peak": ("master", "delivered"),
    "section_key": ("mix",),
    "short_term": LOUD,
    "silence": AUDIO,
    "stereo": ("reference", "stem", "processed", "mix", "master"),
    "tempo": ("reference", "stem"),
    "timeline": ("timeline",),
    "true_peak": LOUD,
}
WARNS = ("edges", "placeholder", "plr", "section_key")
LIMITS = ("container", "format", "frames", "finite", "clipping", "dc", "silence", "loudness", "true_peak")


def tone(level_db=-20.0, hertz=997.0, degrees=0.0):
    """Two seconds of a stereo sine with a peak level in dBFS."""
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * hertz / RATE * np.arange(FRAMES) + np.radians(degrees))
    return np.repeat(wave[:, None], 2, axis=1)


@pytest.fixture
def judged(tmp_path):
    """Write samples and judge them by one gate: its check. `gate` may be (name, limits)."""

    def judge(
        gate, samples, kind="master", subtype="FLOAT", rate=RATE, expect=EXPECT, context=FACTS, inputs=()
    ):
        name, limits = (gate, {}) if isinstance(gate, str) else gate
        path = tmp_path / "a.wav"
        sf.write(path, samples, rate, subtype)
        return only(verify(Subject(str(path), kind, expect, context, dict(inputs)), make({name: limits})))

    return judge


def only(verdict):
    (check,) = verdict.checks
    assert verdict.passed == (check.status != "fail")
    return check


# --- which gates there are --------------------------------------------------------------------


def test_every_gate_and_what_it_applies_to():
    names = registry.kinds("stemwright.gates")
    assert {name: registry.load("stemwright.gates", name).stages for name in names} == GATE_KINDS
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


def test_config_yaml_lists_every_gate_with_its_defaults():
    listed = yaml.safe_load((Path(__file__).resolve().parents[2] / "config.yaml").read_text())["gates"]
    names = registry.kinds("stemwright.gates")
    assert listed == {name: asdict(registry.load("stemwright.gates", name)()) for name in names}


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


# --- container --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end, more, told",
    [
        (-1, b"", "truncated: its header declares 128,000 bytes of audio, the file holds 127,999"),
        (64_000, b"", "truncated: its header declares 128,000 bytes of audio, the file holds 63,"),
        (None, b"\0", "1 bytes after its end"),
        (None, b"junk" * 1_000, "4,000 bytes after its end"),
    ],
)
def test_container(tmp_path, end, more, told):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    path.write_bytes(path.read_bytes()[:end] + more)
    check = only(verify(Subject(str(path), "stem", EXPECT), make({"container": {}})))
    assert (check.status, check.measured) == ("fail", "WAV, not as declared") and told in check.reason
    assert check.remedy == f"delete {path}: the next run makes it again"


def test_a_reference_is_judged_by_the_file_it_came_from(tmp_path, judged):
    source = tmp_path / "source.wav"
    sf.write(source, tone(), RATE, "PCM_16")
    inputs = {"source": [str(source)]}
    assert judged("container", tone(), "reference", inputs=inputs).status == "pass"
    source.write_bytes(source.read_bytes()[:-100])
    check = judged("container", tone(), "reference", inputs=inputs)
    assert check.status == "fail" and "source.wav again; do not loop" in check.remedy


# --- format and frames ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written, found",
    [
        ({"rate": 8_001}, "8,001 Hz, stereo, FLOAT"),
        ({"samples": tone()[:, :1]}, "8,000 Hz, mono, FLOAT"),
        ({"subtype": "PCM_16"}, "8,000 Hz, stereo, PCM_16"),
        ({"subtype": "DOUBLE"}, "8,000 Hz, stereo, DOUBLE"),
    ],
)
def test_format(judged, written, found):
    check = judged("format", **({"samples": tone()} | written))
    assert (check.status, check.measured, check.limit) == ("fail", found, "= 8,000 Hz, stereo, FLOAT")


def test_a_format_that_nobody_asked_for_does_not_pass(judged):
    with pytest.raises(KeyError):
        judged("format", tone(), expect={})


@pytest.mark.parametrize("frames, status", [(FRAMES - 1, "fail"), (FRAMES, "pass"), (FRAMES + 1, "fail")])
def test_frames(judged, frames, status):
    check = judged("frames", np.resize(tone(), (frames, 2)))
    assert (check.status, check.measured, check.limit) == (status, frames, "= 16,000")


def test_frames_are_counted_not_believed(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, tone(), RATE, "FLOAT")
    path.write_bytes(path.read_bytes()[:-8])  # the header still says 16,000
    check = only(verify(Subject(str(path), "stem", EXPECT), make({"frames": {}})))
    assert (check.status, check.measured) == ("fail", FRAMES - 1)


def test_frames_of_a_source_that_declares_none_are_skipped(judged):
    check = judged("frames", tone(), "reference", expect=EXPECT | {"frames": None})
    assert (check.status, check.measured, check.reason) == (
        "skip",
        FRAMES,
        "its source does not declare a length",
    )


# --- samples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("frame", [0, 9_999, FRAMES - 1])
def test_finite(judged, bad, frame):
    samples = tone()
    samples[frame, 1] = bad
    check = judged("finite", samples)
    assert (check.status, check.measured) == ("fail", 1)
    assert f"frame {frame:,}:" in check.remedy


def clipped(run, level=0.99, channel=0):
    samples = tone()
    samples[5_000 : 5_000 + run, channel] = level
    return samples


@pytest.mark.parametrize("kind, bad", [("master", "fail"), ("delivered", "fail"), ("reference", "warn")])
def test_clipping(judged, kind, bad):
    assert judged("clipping", clipped(2), kind).status == "pass"
    assert judged("clipping", clipped(50, 0.9899), kind).status == "pass"
    check = judged("clipping", clipped(3, channel=1), kind)
    assert (check.status, check.measured, check.unit) == (bad, 1, "runs")
    assert judged("clipping", clipped(3, -1), kind).status == bad
    hard = judged("clipping", np.clip(tone(6, hertz=50), -1, 1), kind)
    assert (hard.status, hard.measured) == (bad, 2 * 2 * 50 * 2)  # both peaks of each cycle, on both sides


def test_clipping_does_not_mix_channels(judged):
    samples = tone()
    samples[5_000:5_002, 0] = samples[5_002:5_004, 1] = 1
    assert judged("clipping", samples).status == "pass"


def test_clipping_limits(judged):
    assert judged(("clipping", {"consecutive": 4}), clipped(3)).status == "pass"
    assert judged(("clipping", {"consecutive": 1}), clipped(1)).status == "fail"
    assert judged(("clipping", {"level": 0.5}), clipped(3, 0.51)).status == "fail"


def test_delivered_float_is_not_judged_for_clipping(judged):
    check = judged("clipping", clipped(99), "delivered", context={"integer": False})
    assert check.status == "skip" and "float" in check.reason


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "offset, status",
    [(0, "pass"), (0.0009, "pass"), (0.0011, "warn"), (0.0099, "warn"), (0.0101, "fail"), (0.2, "fail")],
)
def test_dc(judged, offset, status, sign):
    check = judged("dc", tone() + np.array([0, sign * offset]))
    assert check.status == status
    assert check.measured == pytest.approx(offset, abs=1e-4)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_mean_that_cannot_be_measured_does_not_pass(judged, bad):
    samples = tone()
    samples[9_999, 1] = bad
    check = judged("dc", samples)
    assert (check.status, check.measured) == ("fail", None) and "not finite" in check.reason


@pytest.mark.parametrize("level, status", [(-20, "pass"), (-89.9, "pass"), (-90.1, "fail"), (-120, "fail")])
def test_silence(judged, level, status):
    check = judged("silence", tone(level, hertz=RATE / 4, degrees=90), "stem")
    assert (check.status, check.measured) == (status, level)


@pytest.mark.parametrize("nothing", [0.0, math.nan])
def test_a_file_of_nothing(judged, nothing):
    check = judged("silence", np.full((FRAMES, 2), nothing), "stem")
    assert (check.status, check.measured) == ("fail", "-inf")


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
