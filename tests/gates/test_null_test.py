"""The null gate: only rounding is left of mix minus stems, and any wrong stem is more than that."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile as sf
from subjects import null_subject

from stemwright.audio import write_audio
from stemwright.gates import format_table, make, verify

RATE, FRAMES = 8_000, 3_000
SUBTYPES = ["PCM_16", "PCM_24", "FLOAT", "FLOAT_24"]
STEP = {"PCM_16": 2.0**-15, "PCM_24": 2.0**-23, "FLOAT_24": 2.0**-23}
"""One step of each format, full scale 1."""


def written(path, samples, subtype="FLOAT", seed=0):
    write_audio(path, [samples], rate=RATE, channels=2, frames=len(samples), subtype=subtype, seed=seed)
    return str(path)


def judge(whole, stems, kind="archive", subtype="FLOAT", only=None, **limits):
    """The check of a mix (or another whole) against its stems, (path, gains, subtype) each.

    The one that is called `only`, or the first that does not pass.
    """
    parts = [{"path": path, "gains": gains, "subtype": subtype} for path, gains, subtype in stems]
    (gate,) = make({"null_test": limits})
    checks = gate.judge(null_subject(whole, parts, kind, subtype), ())
    chosen = [c for c in checks if c.id == only] if only else [c for c in checks if c.status != "pass"]
    return [*chosen, *checks][0]


def noises(count, level):
    """Independent stereo noises, each with a peak of `level`."""
    stems = np.random.default_rng(5).uniform(-level, level, (count, FRAMES, 2))
    return list(stems.astype(np.float32).astype(float))


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("count", [1, 2, 5, 30])
@pytest.mark.parametrize("level", [1.0, 10**-3, 10**-5])
def test_rounding_and_dither_pass(tmp_path, subtype, count, level):
    stems = noises(count, level)
    mix = written(tmp_path / "mix.wav", sum(stems))
    delivered = [written(tmp_path / f"{i}.wav", stem, subtype, seed=i) for i, stem in enumerate(stems)]
    check = judge(mix, [(path, [1, 1], subtype) for path in delivered])
    assert check.status == "pass"
    if count == 1 and subtype == "FLOAT":
        assert check.measured == "-inf"


def test_faders_and_pans_of_processed_stems(tmp_path):
    stems, gains = noises(8, 0.5), np.random.default_rng(6).uniform(0, 2, (8, 2))
    mix = written(tmp_path / "mix.wav", sum(stem * gain for stem, gain in zip(stems, gains, strict=True)))
    parts = [
        (written(tmp_path / f"{i}.wav", stem), list(gain), "FLOAT")
        for i, (stem, gain) in enumerate(zip(stems, gains, strict=True))
    ]
    assert judge(mix, parts, "mix").status == "pass"
    swapped = [
        (path, list(gain), "FLOAT")
        for (path, _, _), gain in zip(parts, gains[[1, 0, *range(2, 8)]], strict=True)
    ]
    assert judge(mix, swapped, "mix").status == "fail"


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("count", [1, 30])
def test_the_bound_is_the_worst_case_and_no_more_than_6_db_above(tmp_path, subtype, count):
    """Every stem of 0.5 is off by the same amount.

    At worst that is 1.5 steps (rounding and dither); or 2^-24 of its value, and as much in the mix.
    """
    worst = 1.5 * STEP[subtype] if subtype in STEP else 2 * 2.0**-24 * 0.5
    stems = np.full((FRAMES, 2), 0.5)
    stem = (written(tmp_path / "stem.wav", stems), [1, 1], subtype)
    for times, status in [(1, "pass"), (2, "fail")]:
        # As double precision, since a 32-bit float would round what is to be measured.
        sf.write(tmp_path / "mix.wav", count * (stems + times * worst), RATE, "DOUBLE")
        check = judge(str(tmp_path / "mix.wav"), [stem] * count, only="null")
        assert (check.status, check.unit) == (status, "dBFS peak")


FAULTS = {
    "0.1 dB louder": lambda stems: stems[2] * 10 ** (0.1 / 20),
    "0.1 dB softer on one side": lambda stems: stems[2] * [1, 10 ** (-0.1 / 20)],
    "a sample late": lambda stems: np.roll(stems[2], 1, axis=0),
    "a sample early": lambda stems: np.roll(stems[2], -1, axis=0),
    "inverted": lambda stems: -stems[2],
    "missing": lambda stems: stems[2] * 0,
    "another": lambda stems: stems[1],
    "sides swapped": lambda stems: stems[2][:, ::-1],
    "48 dB too quiet": lambda stems: stems[2] / 256,
    "over full scale": lambda stems: np.where(stems[2] > 0.2, 2, stems[2]),
}


@pytest.mark.parametrize("subtype", SUBTYPES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_stem_is_refused(tmp_path, subtype, fault):
    stems = noises(5, 0.25)
    mix = written(tmp_path / "mix.wav", sum(stems))
    stems[2] = np.clip(FAULTS[fault](stems), -1, 1)
    delivered = [written(tmp_path / f"{i}.wav", stem, subtype, seed=i) for i, stem in enumerate(stems)]
    check = judge(mix, [(path, [1, 1], subtype) for path in delivered])
    assert check.status == "fail" and check.remedy
    assert judge(mix, [(path, [1, 1], subtype) for path in delivered], severity="warn").status == "warn"


def test_24_bits_at_the_foot_of_32_are_refused(tmp_path):
    """Soundfile takes int32 as full scale 2^31: samples scaled to 2^23 are 48 dB too quiet."""
    (stem,) = noises(1, 0.5)
    mix = written(tmp_path / "mix.wav", stem)
    sf.write(tmp_path / "stem.wav", (stem * (2**23 - 1)).astype(np.int32), RATE, "PCM_24")
    assert judge(mix, [(str(tmp_path / "stem.wav"), [1, 1], "PCM_24")]).status == "fail"


def test_the_margin_widens_the_bound(tmp_path):
    (stem,) = noises(1, 0.001)
    mix = written(tmp_path / "mix.wav", stem)
    path = written(tmp_path / "stem.wav", stem + 12 * STEP["PCM_24"], "FLOAT")
    part = [(path, [1, 1], "PCM_24")]
    assert judge(mix, part).status == "fail"
    assert judge(mix, part, only="null", margin_db=20).status == "pass"  # 12 steps by 1.5 are 18.1 dB
    assert judge(mix, part, only="null.rms", margin_db=27).status == "fail"  # by 0.5, 27.6 dB
    assert judge(mix, part, margin_db=28).status == "pass"


def test_the_unmeasurable_does_not_pass(tmp_path):
    (stem,) = noises(1, 0.5)
    good = written(tmp_path / "good.wav", stem)
    short = written(tmp_path / "short.wav", stem[:-1])
    check = judge(good, [(short, [1, 1], "FLOAT")])
    assert (check.status, check.measured) == ("fail", None) and "2,999 frames" in check.reason
    for bad in (math.nan, math.inf, -math.inf):
        stem[1_000, 0] = bad
        sf.write(tmp_path / "bad.wav", stem, RATE, "FLOAT")
        for mix, part in [(good, str(tmp_path / "bad.wav")), (str(tmp_path / "bad.wav"), good)]:
            check = judge(mix, [(part, [1, 1], "FLOAT")])
            assert (check.status, check.measured) == ("fail", None) and "not finite" in check.reason


def test_silence_is_the_sum_of_silences(tmp_path):
    path = written(tmp_path / "silence.wav", np.zeros((FRAMES, 2)))
    check = judge(path, [(path, [1, 1], "FLOAT")])
    assert (check.status, check.measured) == ("pass", "-inf")


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_a_delivered_file_is_what_it_was_made_of(tmp_path, subtype):
    """The master, or a stem through its fader, in the delivery format; 48 dB too quiet, for one, it is not."""
    (made,), gains = noises(1, 0.5), np.array([0.5, 0.25])
    source = written(tmp_path / "made.wav", made)
    good = written(tmp_path / "good.wav", made * gains, subtype)
    quiet = written(tmp_path / "quiet.wav", made * gains * 10 ** (-48 / 20), subtype)
    swapped = written(tmp_path / "swapped.wav", made * gains[::-1], subtype)
    verdicts = [
        judge(p, [(source, list(gains), "FLOAT")], "delivered", subtype).status
        for p in (good, quiet, swapped)
    ]
    assert verdicts == ["pass", "fail", "fail"]


def test_over_full_scale_in_an_integer_format(tmp_path):
    (made,) = noises(1, 1.2)
    source = written(tmp_path / "made.wav", made)
    check = judge(
        written(tmp_path / "out.wav", made, "PCM_24"), [(source, [1, 1], "FLOAT")], "delivered", "PCM_24"
    )
    assert check.status == "fail" and "or deliver FLOAT" in check.remedy


def test_the_remedy_of_both_checks_is_said_once(tmp_path):
    (stem,) = noises(1, 0.5)
    mix = written(tmp_path / "mix.wav", stem)
    parts = [{"path": written(tmp_path / "stem.wav", stem / 2), "gains": [1, 1], "subtype": "FLOAT"}]
    peak, rms = verify(null_subject(mix, parts, "archive", "FLOAT"), make({"null_test": {}})).checks
    assert (peak.id, peak.status, rms.id, rms.status) == ("null", "fail", "null.rms", "fail")
    assert "6.02 dB too" in peak.reason and peak.remedy and (rms.reason, rms.remedy) == ("", "see null")
    assert format_table([peak, rms]).count(peak.remedy) == 1
