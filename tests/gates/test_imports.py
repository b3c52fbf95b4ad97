"""The gate of imports: what a recording lost before it came here is a warning."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE = 8_000
SOUND = 0.5 * np.sin(np.arange(2 * RATE) / 7)


@pytest.fixture
def warned(tmp_path):
    """The names of the checks that warn of files, by (name, samples, options of soundfile)."""
    sf.write(tmp_path / "stem.wav", SOUND, RATE, "FLOAT")

    def judge(*files, starts=None, seconds=2.0, **limits):
        for name, samples, options in files:
            sf.write(tmp_path / name, samples, RATE, **options)
        context = {"imported": {"starts": starts or [0.0] * len(files), "seconds": seconds}}
        inputs = {"imported": [str(tmp_path / name) for name, *_ in files]}
        subject = Subject(str(tmp_path / "stem.wav"), "stem", context=context, inputs=inputs)
        checks = verify(subject, make({"imports": limits})).checks
        assert len(checks) == 3
        return {check.id: check for check in checks if check.status != "pass"}

    return judge


@pytest.mark.parametrize(
    "name, options",
    [
        ("a.mp3", {}),
        ("a.ogg", {}),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("a.wav", {"subtype": "ULAW"}),
        ("a.wav", {"subtype": "GSM610"}),
        ("a.wav", {"subtype": "IMA_ADPCM"}),
    ],
)
def test_lossy(warned, name, options):
    found = warned((name, SOUND, options), ("b.wav", SOUND, {}))
    assert list(found) == ["imports.lossless"]
    check = found["imports.lossless"]
    assert (check.status, check.measured, check.limit) == ("warn", "1 of 2", "= 0")
    assert check.reason.startswith(f"{name} (") and "get the original recording" in check.remedy


@pytest.mark.parametrize("options", [{"subtype": "PCM_U8"}, {"subtype": "PCM_16"}, {"subtype": "FLOAT"}])
def test_8_bits(warned, options):
    assert list(warned(("a.wav", np.rint(SOUND * 128) / 128, options))) == ["imports.bits"]


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "PCM_U8"])
def test_clipped(warned, subtype):
    found = warned(("a.wav", np.clip(4 * SOUND, -1, 1), {"subtype": subtype}))
    assert "imports.clipping" in found and ("imports.bits" in found) == (subtype == "PCM_U8")
    assert "flat tops" in found["imports.clipping"].reason


@pytest.mark.parametrize("name, subtype", [("a.wav", "PCM_16"), ("a.flac", "PCM_24"), ("a.aiff", "FLOAT")])
def test_a_good_recording(warned, name, subtype):
    assert warned((name, SOUND, {"subtype": subtype})) == {}


def test_only_what_the_song_can_use_is_measured(warned):
    clipped = np.concatenate((SOUND, np.clip(4 * SOUND, -1, 1)))
    assert warned(("a.wav", clipped, {})) == {}
    assert list(warned(("a.wav", clipped, {}), starts=[2.0])) == ["imports.clipping"]
    assert list(warned(("a.wav", clipped, {}), seconds=3.0)) == ["imports.clipping"]


def test_it_can_refuse(warned):
    assert warned(("a.mp3", SOUND, {}), severity="error")["imports.lossless"].status == "fail"
