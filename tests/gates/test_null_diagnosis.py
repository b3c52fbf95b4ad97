"""When the null test fails: which stem, and what is the matter with it. And its second bound, of the RMS."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import soundfile as sf
from subjects import fader_of, null_subject

from stemwright.audio import write_audio
from stemwright.gates import make
from stemwright.gates import null_test as gate_module
from stemwright.measure.fit import MAX_LAG, Contribution, fit
from stemwright.mixing.faders import Faders

RATE, FRAMES = 8_000, 120_000
NAMES = ("bass", "drums", "keys", "vocals")


def sounds(seed=5):
    """Four stereo stems unlike each other: noises of several colours that come and go; one is a steady tone."""
    rng, time = np.random.default_rng(seed), np.arange(FRAMES)[:, None] / RATE
    white = rng.normal(scale=0.1, size=(4, FRAMES, 2))
    white[1] *= np.maximum(0, np.sin(2 * np.pi * 2 * time)) ** 8
    white[2] = np.cumsum(white[2], axis=0) * 0.02
    white[2] *= np.sin(np.pi * np.arange(FRAMES) / FRAMES)[:, None]
    white[0] = 0.2 * np.sin(2 * np.pi * 55 * time)
    white[3, : FRAMES // 2] = 0
    return white


@pytest.fixture
def judged(tmp_path):
    """The failed check of a mix of `sounds` against files of stems, after `fault` has been at one of them."""

    def judge(whole, stems, gains=None, kind="archive"):
        sf.write(tmp_path / "mix.wav", whole, RATE, "DOUBLE")
        parts = []
        for name, stem, gain in zip(NAMES, stems, gains or [[1, 1]] * 4, strict=False):
            sf.write(tmp_path / f"{name}.wav", stem, RATE, "DOUBLE")
            parts.append({"path": f"{name}.wav", "gains": gain, "subtype": "FLOAT"})
        for part in parts:
            part["path"] = str(tmp_path / part["path"])
        (gate,) = make({"null_test": {}})
        checks = gate.judge(null_subject(str(tmp_path / "mix.wav"), parts, kind), ())
        check = next((c for c in checks if c.status == "fail"), checks[0])
        return check.status, check.reason.replace(f"{tmp_path}/", ""), check.remedy

    return judge


def later(stem, frames):
    return np.roll(np.pad(stem, ((abs(frames),) * 2, (0, 0))), frames, axis=0)[abs(frames) : -abs(frames)]


FAULTS = {
    "1 samples (0.12 ms) late": lambda s: later(s, 1),
    "480 samples (60.00 ms) late": lambda s: later(s, 480),
    "480 samples (60.00 ms) early": lambda s: later(s, -480),
    "32,000 samples (4000.00 ms) late": lambda s: later(s, 32_000),
    "inverted": lambda s: -s,
    "480 samples (60.00 ms) late, inverted": lambda s: -later(s, 480),
    "0.10 dB too loud": lambda s: s * 10 ** (0.1 / 20),
    "6.00 dB too quiet": lambda s: s * 10 ** (-6 / 20),
    "48.16 dB too quiet": lambda s: s / 256,
    "inverted, 3.00 dB too loud": lambda s: -s * 10 ** (3 / 20),
    "at +0.00 dB on the left and -0.50 dB on the right": lambda s: s * [1, 10 ** (-0.5 / 20)],
    "inverted in one channel": lambda s: s * [1, -1],
    "missing: it is silent": lambda s: 0 * s,
}


@pytest.mark.parametrize("which, said", [(1 + i % 3, said) for i, said in enumerate(FAULTS)])
def test_the_stem_and_its_fault_are_named(judged, which, said):
    stems = sounds()
    whole = stems.sum(axis=0)
    stems[which] = FAULTS[said](stems[which])
    status, reason, remedy = judged(whole, stems)
    assert status == "fail"
    assert reason.split("; ")[0] == f"{NAMES[which]}.wav is {said}"
    assert "delete" in remedy and remedy.count(".wav") == 1 and f"{NAMES[which]}.wav" in remedy


def test_missing_from_the_mix(judged):
    stems = sounds()
    assert judged(stems[:3].sum(axis=0), stems)[1] == "vocals.wav is missing from the mix"


def test_a_steady_tone_is_told_by_its_edges_or_its_nearest_lag(judged):
    """A tone of 55 Hz repeats every 1,600 samples (11 periods): only its ends tell 20 from 1,620."""
    stems = sounds()
    whole = stems.sum(axis=0)
    stems[0] = later(stems[0], 20)
    assert judged(whole, stems)[1].startswith("bass.wav is 20 samples (2.50 ms) late")


def test_faders_and_pans_are_taken_into_account(judged):
    stems, gains = sounds(), [[0.5, 0.5], [1.0, 0.0], [0.2, 0.9], [0.7, 0.7]]
    whole = sum(stem * gain for stem, gain in zip(stems, gains, strict=True))
    assert judged(whole, stems, gains)[0] == "pass"
    stems[1] = later(stems[1], -3)
    stems[1] *= 0.5
    reason = judged(whole, stems, gains, "mix")[1]
    assert reason.split("; ")[0] == "drums.wav is 3 samples (0.38 ms) early, 6.02 dB too quiet"


AUTOMATED = {
    "gain_db": {
        "points": [[0, -12.0, "linear"], [60_000, 0.0, "linear"], [90_000, -6.0, "step"]],
        "edge": 40,
        "wave": None,
    },
    "pan": 0.25,
}
"""A fader that rises by 12 dB in half of the song, and falls by 6 dB at frame 90,000; a balance of 0.25."""


def automated_gains():
    frame = np.arange(FRAMES)
    gain_db = np.where(frame < 90_000, np.interp(frame, [0, 60_000], [-12, 0]), -6)
    fall = slice(90_000, 90_040)
    gain_db[fall] = -3 + 3 * np.cos(np.pi * (np.arange(40) + 0.5) / 40)
    return 10 ** (gain_db[:, None] / 20) * [math.cos(math.pi / 8), 1]


@pytest.mark.parametrize("which", [1, 3])
@pytest.mark.parametrize(
    "said",
    ["100 samples (12.50 ms) late", "inverted", "1.00 dB too loud", "missing: it is silent"],
)
def test_beside_and_behind_an_automated_fader(judged, which, said):
    """The drums go through it. The fault may be theirs or that of another stem."""
    faults = {**FAULTS, "1.00 dB too loud": lambda s: s * 10 ** (1 / 20)}
    faults["100 samples (12.50 ms) late"] = lambda s: later(s, 100)
    stems, gains = sounds(), [[1, 1], AUTOMATED, [0.5, 0.5], [1, 0.7]]
    factors = [[1, 1], automated_gains(), [0.5, 0.5], [1, 0.7]]
    whole = sum(stem * factor for stem, factor in zip(stems, factors, strict=True))
    assert judged(whole, stems, gains, "mix")[0] == "pass"
    stems[which] = faults[said](stems[which])
    status, reason, remedy = judged(whole, stems, gains, "mix")
    assert status == "fail"
    assert reason.split("; ")[0] == f"{NAMES[which]}.wav is {said}"
    assert remedy.count(".wav") == 1 and f"{NAMES[which]}.wav" in remedy


@pytest.mark.parametrize("which", range(4))
def test_a_printed_stem_without_the_gain_of_its_bus(judged, which):
    """Each stem has the gain curve of a compressor on the sum of all; one has not."""
    stems = sounds()
    level = np.sqrt(np.mean(stems.sum(axis=0) ** 2, axis=1))
    level = np.convolve(level, np.ones(200) / 200, "same")
    gain = np.minimum(1, (0.1 / np.maximum(level, 0.1)) ** (3 / 4))[:, None]  # 4:1 above -20 dBFS
    assert np.min(gain) < 0.7
    printed = stems * gain
    whole = printed.sum(axis=0)
    assert judged(whole, printed)[0] == "pass"
    printed[which] = stems[which]
    status, reason, remedy = judged(whole, printed)
    assert status == "fail"
    level = r"([\d.]+ dB too loud|at \+[\d.]+ dB on the left and \+[\d.]+ dB on the right)"
    rest = r"-[\d.]+ dB of the error is of no stem at any gain .*"  # it is another gain at each moment
    assert re.fullmatch(rf"{NAMES[which]}\.wav is {level}; {rest}", reason), reason
    assert remedy.count(".wav") == 1 and f"{NAMES[which]}.wav" in remedy


def test_of_a_delivered_file_it_is_the_file_that_is_named(judged):
    made = sounds()[1]
    for said, delivered in [
        ("480 samples (60.00 ms) late", later(made, 480)),
        ("3.00 dB too quiet", made * 10 ** (-3 / 20)),
        ("inverted", -made),
        ("without the file it was made from", 0 * made + 0.01),
    ]:
        _, reason, remedy = judged(delivered, [made], kind="delivered")
        assert reason.split("; ")[0] == f"mix.wav is {said}" and "mix.wav" in remedy and "bass" not in remedy


def test_two_stems_at_fault(judged):
    stems = sounds()
    whole = stems.sum(axis=0)
    stems[1], stems[3] = later(stems[1], 100), -0.5 * stems[3]
    found = judged(whole, stems)[1].split("; ")[:2]
    assert found == ["drums.wav is 100 samples (12.50 ms) late", "vocals.wav is inverted, 6.02 dB too quiet"]


@pytest.mark.parametrize(
    "fault",
    [
        lambda stems: np.random.default_rng(9).normal(scale=0.1, size=(FRAMES, 2)),
        lambda stems: later(stems[1], MAX_LAG + 100),
    ],
    ids=["another sound", "too late to be sought"],
)
def test_what_no_stem_explains_is_said_so(judged, fault):
    stems = sounds()
    whole = stems.sum(axis=0)
    stems[1] = fault(stems)
    reason = judged(whole, stems)[1]
    assert re.search(
        r"^drums.wav is missing from the mix; -[\d.]+ dB of the error is of no stem at any gain", reason
    )


def test_fit_against_closed_forms(tmp_path):
    stems = sounds()
    paths = [str(tmp_path / f"{name}.wav") for name in NAMES]
    for path, stem in zip(paths, stems, strict=True):
        sf.write(path, stem, RATE, "DOUBLE")
    truth = np.array([[1, 1], [0.3, -2.0], [1, 1], [0.0, 0.0]])
    extra = 1e-5 * np.random.default_rng(2).normal(size=(FRAMES, 2))
    sf.write(tmp_path / "mix.wav", (stems * truth[:, None]).sum(axis=0) + extra, RATE, "DOUBLE")
    fits, left = fit(
        str(tmp_path / "mix.wav"),
        [Contribution(path, Faders.from_dict({"fader": fader_of([1, 1])}, 2).gains) for path in paths],
    )
    assert [f.index for f in fits] == [1, 3] and not any(f.late or f.silent for f in fits)
    assert np.array([f.gains for f in fits]) == pytest.approx(truth[[1, 3]], abs=1e-4)
    error = (stems * (truth - 1)[:, None]).sum(axis=0) + extra
    assert left == pytest.approx(np.vdot(extra, extra) / np.vdot(error, error), rel=0.05)


def test_nothing_is_fitted_while_it_passes(judged, monkeypatch):
    monkeypatch.setattr(gate_module, "fit", lambda *_: pytest.fail("fitted"))
    assert judged(sounds().sum(axis=0), sounds())[0] == "pass"


# --- the bound of the RMS ---------------------------------------------------------------------


def rounded(tmp_path, count, subtype, offset=0.0):
    """The check `null.rms` of a mix and its stems, written with our own dither, all off by `offset`."""
    stems = np.random.default_rng(7).uniform(-0.02, 0.02, (count, 20_000, 2))
    parts = []
    for i, stem in enumerate(stems):
        path = str(tmp_path / f"{i}.wav")
        write_audio(path, [stem], rate=RATE, channels=2, frames=len(stem), subtype=subtype, seed=i)
        parts.append({"path": path, "gains": [1, 1], "subtype": subtype})
    sf.write(tmp_path / "mix.wav", stems.sum(axis=0) + offset, RATE, "DOUBLE")
    subject = null_subject(str(tmp_path / "mix.wav"), parts, subtype="DOUBLE")
    (gate,) = make({"null_test": {}})
    return {check.id: check for check in gate.judge(subject, ())}


def bound(check):
    return float(re.match(r"<= (\S+) ", check.limit)[1]) - 3


@pytest.mark.parametrize("subtype, step", [("PCM_16", 2.0**-15), ("PCM_24", 2.0**-23)])
@pytest.mark.parametrize("count", [1, 30])
def test_the_rms_of_dithered_rounding_is_half_a_step_for_each_file(tmp_path, count, subtype, step):
    checks = rounded(tmp_path, count, subtype)
    theory = 20 * math.log10(step / 2 * math.sqrt(count))
    assert checks["null.rms"].status == "pass"
    assert checks["null.rms"].measured == pytest.approx(theory, abs=0.15)
    assert bound(checks["null.rms"]) == pytest.approx(theory, abs=1.0 if subtype == "PCM_24" else 0.1)
    if count == 30:
        assert bound(checks["null"]) - bound(checks["null.rms"]) > 22


@pytest.mark.parametrize("over_db, status", [(-3, "pass"), (2.8, "pass"), (3.3, "fail"), (15, "fail")])
def test_what_the_peak_lets_through_the_rms_may_not(tmp_path, over_db, status):
    """An error beside the rounding, so that both together are this much over the bound, of 30 files."""
    count, step = 30, 2.0**-15
    power = count * step**2 / 4
    offset = math.sqrt(max(0, power * 10 ** (over_db / 10) - power))
    checks = rounded(tmp_path, count, "PCM_16", offset)
    assert (checks["null.rms"].status, checks["null"].status) == (status, "pass")
