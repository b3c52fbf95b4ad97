"""VST3 plug-ins: a small one that is compiled here, and pedalboard's own in the place of those that misbehave."""

import platform
import struct
import subprocess
import time
from pathlib import Path

import numpy as np
import pedalboard
import pytest
from effect_runs import RATE, apply, noise
from plugins import StandIn, run_here
from pydantic import TypeAdapter, ValidationError

from stemwright.base.errors import StemwrightError
from stemwright.effects import Chain, make
from stemwright.effects.vst3 import Vst3
from stemwright.plan.stages._base import file_roles, source_files, without_paths


@pytest.fixture(scope="module")
def compiled(needs, tmp_path_factory):
    """`compiled(*options)`: the bundle of a VST3 that delays by 32 frames, see `helpers/late_gain.c`."""

    def compile_(*options):
        bundle = tmp_path_factory.mktemp("plugins") / "LateGain.vst3"
        library = bundle / "Contents" / f"{platform.machine()}-linux" / "LateGain.so"
        library.parent.mkdir(parents=True)
        source = Path(__file__).parents[1] / "helpers/late_gain.c"
        subprocess.run([needs("tcc"), *options, "-shared", "-nostdlib", "-o", library, source], check=True)
        return str(bundle)

    return compile_


@pytest.fixture(scope="module")
def late_gain(compiled):
    return compiled()


@pytest.fixture
def apart():
    """For tests in which the plug-in runs in a process of its own, as in a job."""


@pytest.fixture(autouse=True)
def here(request, monkeypatch):
    """All other tests save the time that it takes to start one."""
    if "apart" not in request.fixturenames:
        run_here(monkeypatch)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("gain", [0.5, 1.75])
def test_a_vst3(late_gain, channels, gain):
    """Its delay is compensated, its end is kept, and block sizes do not matter."""
    samples = noise(140_000, channels)
    entry = {"vst3": {"file": late_gain, "parameters": {"gain": gain, "wander": False}}}
    expected = samples.astype(np.float32) * np.float32(gain)
    assert np.array_equal(apply(entry, samples), expected)
    assert np.array_equal(apply(entry, samples, lengths=[1, 31, 70_000, 509]), expected)


def test_a_vst3_in_a_process_of_its_own(apart, late_gain):
    """It is given the samples and the keys, and what is wrong with them is told."""
    samples, keys = noise(3_000), {"file": late_gain, "parameters": {"gain": 0.5}}
    assert np.array_equal(apply({"vst3": keys}, samples), samples.astype(np.float32) * np.float32(0.5))
    with pytest.raises(
        StemwrightError, match=r"^LateGain.vst3: has no parameter 'gian'; did you mean gain\?$"
    ):
        apply({"vst3": {**keys, "parameters": {"gian": 1}}}, samples)


def test_a_vst3_s_preset(late_gain, tmp_path):
    """A .vstpreset: its header, the state of the component, and the list of its chunks."""
    state = struct.pack("<2d", 0.25, 0)
    head = b"VST3" + struct.pack("<i", 1) + b"Stemwright test\0".hex().upper().encode()
    head += struct.pack("<q", 48 + len(state))
    chunks = b"List" + struct.pack("<i", 1) + b"Comp" + struct.pack("<qq", 48, len(state))
    (tmp_path / "half.vstpreset").write_bytes(head + state + chunks)
    samples, keys = noise(2_000), {"file": late_gain, "preset": str(tmp_path / "half.vstpreset")}
    assert np.array_equal(apply({"vst3": keys}, samples), samples.astype(np.float32) * np.float32(0.5))
    keys["parameters"] = {"gain": 1.5}
    assert np.array_equal(apply({"vst3": keys}, samples), samples.astype(np.float32) * np.float32(1.5))


def test_a_vst3_that_does_not_repeat(late_gain):
    keys = {"file": late_gain, "parameters": {"wander": True}}
    with pytest.raises(StemwrightError, match=r"LateGain.vst3: gave another sound .* first at frame 0 "):
        apply({"vst3": keys}, noise(500))
    samples = noise(500)
    off = apply({"vst3": {**keys, "repeatable": False}}, samples) - samples.astype(np.float32)
    assert off == pytest.approx(off[0, 0], abs=1e-6) and off[0, 0] > 9e-4


@pytest.mark.parametrize(
    "parameters, told",
    [
        ({"gian": 1}, r"has no parameter 'gian'; did you mean gain\?"),
        ({"gain": 3}, "parameters.gain: .* is out of range"),
        ({"gain": "loud"}, "parameters.gain: .* must be a number"),
        ({"wander": 1}, "parameters.wander: .* should be a boolean"),
    ],
)
def test_mistakes_in_a_vst3_s_parameters(late_gain, parameters, told):
    with pytest.raises(StemwrightError, match=f"LateGain.vst3: {told}"):
        apply({"vst3": {"file": late_gain, "parameters": parameters}}, noise(10))


def test_a_vst3_by_its_name(late_gain):
    samples = noise(100)
    assert np.array_equal(
        apply({"vst3": {"file": late_gain, "plugin_name": "Late Gain"}}, samples), samples.astype(np.float32)
    )
    with pytest.raises(StemwrightError, match="Other: is not in the file, which holds 'Late Gain'"):
        apply({"vst3": {"file": late_gain, "plugin_name": "Other"}}, samples)


@pytest.mark.parametrize(
    "fault, told",
    [("HANG", "did not end within timeout_s, 1 s, and was stopped"), ("CRASH", "was ended by SIGSEGV")],
)
def test_a_vst3_that_hangs_or_crashes(apart, compiled, fault, told):
    keys = {"file": compiled(f"-D{fault}"), "timeout_s": 1.0 if fault == "HANG" else 60.0}
    start = time.monotonic()
    with pytest.raises(StemwrightError, match=f"LateGain.vst3: {told}"):
        apply({"vst3": keys}, noise(500))
    assert time.monotonic() - start < 30


@pytest.fixture
def loads(monkeypatch):
    """`loads(cls)`: what every plug-in is. With the list of what was loaded, filled in later."""
    loaded = []

    def use(cls):
        monkeypatch.setattr(
            pedalboard, "load_plugin", lambda path, **keys: loaded.append((path, keys)) or cls()
        )
        return loaded

    return use


def through(samples, **keys):
    return apply({"vst3": {"file": "a/Limit.vst3", **keys}}, samples)


def fails(told, **keys):
    with pytest.raises(StemwrightError, match=told):
        through(noise(500), **keys)


def limited(samples, **keys):
    """Pedalboard's limiter at once, flushed by what it is late."""
    padded = np.concatenate([samples, np.zeros((4_096, samples.shape[1]))]).T.astype(np.float32)
    return pedalboard.BrickwallLimiter(**keys)(padded, RATE).T[: len(samples)]


@pytest.mark.parametrize("channels", [1, 2])
def test_it_is_what_pedalboard_makes_of_it(loads, channels):
    loaded = loads(StandIn)
    samples = noise(70_000, channels, 0.5)
    assert np.array_equal(through(samples), limited(samples, ceiling_db=-6))
    assert loaded == [("a/Limit.vst3", {"plugin_name": None})] * 2
    del loaded[:]
    through(samples, plugin_name="Two", repeatable=False)
    assert loaded == [("a/Limit.vst3", {"plugin_name": "Two"})]


def test_its_preset_is_loaded_and_then_its_parameters_are_set(loads, tmp_path):
    loads(StandIn)
    (tmp_path / "a.vstpreset").write_text("-12")
    samples, preset = noise(5_000, 2, 0.5), str(tmp_path / "a.vstpreset")
    assert np.array_equal(through(samples, preset=preset), limited(samples, ceiling_db=-12))
    both = through(samples, preset=preset, parameters={"release_ms": 20.0})
    assert np.array_equal(both, limited(samples, ceiling_db=-12, release_ms=20))
    after = through(samples, preset=preset, parameters={"ceiling_db": -3.0})
    assert np.array_equal(after, limited(samples, ceiling_db=-3))


def test_mistakes_in_its_parameters(loads, tmp_path):
    loads(StandIn)
    fails(r"Limit.vst3: has no parameter 'ceiling'; did you mean ceiling_db\?", parameters={"ceiling": -3})
    fails(
        r"Limit.vst3: parameters.ceiling_db: .* \(3\) is out of range \[-24.0, 0.0\]",
        parameters={"ceiling_db": 3},
    )
    (tmp_path / "a.vstpreset").write_text("loud")
    fails(
        "Limit.vst3: preset .*a.vstpreset cannot be loaded: could not", preset=str(tmp_path / "a.vstpreset")
    )


def test_one_that_cannot_be_loaded(tmp_path):
    """By pedalboard itself."""
    (tmp_path / "No.vst3").write_text("no plug-in")
    for path in (tmp_path / "No.vst3", tmp_path / "none.vst3"):
        with pytest.raises(StemwrightError, match=f"{path.name}: cannot be loaded: "):
            apply({"vst3": {"file": str(path)}}, noise(10))


@pytest.mark.parametrize(
    "name, value, told",
    [
        ("is_effect", False, "is an instrument, expected an effect"),
        ("reported_latency_samples", 10**7, "says that it is 208 s late; at most 60 s"),
    ],
)
def test_one_that_is_no_use(loads, name, value, told):
    loads(type("Other", (StandIn,), {name: value}))
    fails(f"Limit.vst3: {told}")


def test_one_that_does_not_repeat(loads):
    """One instance in two is quieter from the second block on."""
    made = []

    class Moody(StandIn):
        def __init__(self):
            super().__init__()
            made.append(self)
            self.__dict__["blocks"] = 0

        def process(self, samples, rate, *, reset):
            self.__dict__["blocks"] += 1
            factor = 0.5 if len(made) % 2 == 0 and self is made[-1] and self.blocks == 2 else 1
            return factor * super().process(samples, rate, reset=reset)

    loads(Moody)
    samples = noise(140_000)
    with pytest.raises(
        StemwrightError, match="gave another sound when it was run again, first at frame 65,296 "
    ):
        through(samples)
    assert np.array_equal(through(samples, repeatable=False), limited(samples, ceiling_db=-6))


def test_all_of_a_bundle_counts_by_content(tmp_path):
    """Its files are inputs by their names in it; where it lies does not count."""
    entries = []
    for folder in ("one", "two"):
        bundle = tmp_path / folder / "A.vst3"
        for name in ("Contents/x86_64-linux/A.so", "Contents/Resources/a.json"):
            (bundle / name).parent.mkdir(parents=True)
            (bundle / name).write_text(name)
        (tmp_path / folder / "a.vstpreset").write_text("-9")
        chain = Chain(
            [make({"vst3": {"file": str(bundle), "preset": str(tmp_path / folder / "a.vstpreset")}})]
        )
        assert file_roles(chain) == [
            "0.vst3.file.Contents/Resources/a.json",
            "0.vst3.file.Contents/x86_64-linux/A.so",
            "0.vst3.preset",
        ]
        paths = [source.path for source in source_files(chain)]
        assert paths == [str(p) for p in sorted((tmp_path / folder).rglob("*")) if p.is_file()]
        entries.append(without_paths(chain.entries(), chain))
    assert entries[0] == entries[1] and entries[0][0]["vst3"]["file"] == "input"


def test_the_path_of_a_bundle_in_its_job(loads, tmp_path):
    loaded = loads(StandIn)
    (tmp_path / "A.vst3/Contents").mkdir(parents=True)
    (tmp_path / "A.vst3/Contents/A.so").write_text("")
    apply({"vst3": {"file": str(tmp_path / "A.vst3")}}, noise(10))
    assert loaded[0][0] == str(tmp_path / "A.vst3")


@pytest.mark.parametrize(
    "keys, told",
    [
        ({}, "Field required"),
        ({"file": ""}, "at least 1 character"),
        ({"file": "a", "parameters": {"a": [1]}}, "must be a number, true, false or text"),
        ({"file": "a", "parameters": {"a": float("inf")}}, "must be a number, true, false or text"),
    ],
)
def test_mistakes(keys, told):
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(Vst3).validate_python(keys)
