"""The gate of bandwidth: what low-passes take away, and walls in the spectrum of a reference."""

from __future__ import annotations

import math
import shutil
import subprocess

import numpy as np
import pytest
import soundfile as sf
from drum_patterns import context
from spectra import FRAMES, RATE, lowpass, noise, shaped, through
from subjects import low_pass_context

from stemwright import sources
from stemwright.gates import Subject, make, verify

EXPECT = {"sample_rate": RATE}


@pytest.fixture
def judged(tmp_path):
    """The check of a processed stem (or of a reference, if there are no effects) by what it was made of."""

    def judge(samples, effects=None, raw=None, source_rate=RATE, **limits):
        path, made_of = tmp_path / "a.wav", tmp_path / "made_of.wav"
        sf.write(path, samples, RATE, "FLOAT")
        if effects is None:
            sf.write(made_of, samples[:100], source_rate, "FLOAT")
            subject = Subject(str(path), "reference", EXPECT, {}, {"source": [str(made_of)]})
        else:
            sf.write(made_of, raw, RATE, "FLOAT")
            subject = Subject(
                str(path), "processed", EXPECT, low_pass_context(effects), {"raw": [str(made_of)]}
            )
        (check,) = verify(subject, make({"bandwidth": limits})).checks
        return check

    return judge


# --- low-passed stems -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "down_db, status", [(0, "fail"), (12, "fail"), (23.4, "fail"), (24.6, "pass"), (60, "pass")]
)
def test_24_db_an_octave_above(judged, down_db, status):
    raw = noise()
    made = shaped(raw, lambda f: -down_db if f > 3_000 else 0)
    check = judged(made, [lowpass(2_000)], raw)
    assert (check.status, check.limit) == (status, ">= 24.0 at 4000 Hz (order 4)")
    assert check.measured == pytest.approx(down_db, abs=0.5)
    assert judged(made, [lowpass(2_000)], raw, severity="warn").status in ("pass", "warn")
    assert judged(made, [lowpass(2_000)], raw, octave_db=11).status == ("fail" if down_db == 0 else "pass")


@pytest.mark.parametrize(
    "order, zero_phase, limit",
    [(1, False, 6.0), (2, False, 12.0), (3, False, 18.1), (1, True, 12.0), (3, True, 24)],
)
@pytest.mark.parametrize("cutoff", [250, 1_000])
def test_no_more_is_asked_than_the_order_can_do(judged, cutoff, order, zero_phase, limit):
    raw, effects = noise(), [lowpass(cutoff, order, zero_phase)]
    check = judged(through(effects, raw), effects, raw)
    assert check.status == "pass" and float(check.limit.split()[1]) == pytest.approx(limit, abs=0.05)
    gentler = [lowpass(cutoff, order, False)] if zero_phase else [lowpass(1.5 * cutoff, order)]
    assert judged(through(gentler, raw), effects, raw).status == "fail"


def test_a_bright_source_is_no_fault_and_a_dull_one_no_merit(judged):
    """It is what was taken away that counts: the source may rise or fall by 6 dB an octave."""
    for slope in (6, -6):
        raw = shaped(noise(), lambda f, slope=slope: slope * math.log2(max(f, 20) / 1_000))
        raw *= 0.1 / raw.std()
        effects = [lowpass(4_000)]
        assert judged(through(effects, raw), effects, raw).status == "pass"
        assert judged(raw, effects, raw).status == "fail"


@pytest.mark.parametrize("kind", ["lowpass", "highpass"])
@pytest.mark.parametrize(
    "moving", [[{"at": "bar 1", "value": 500}], {"value": 2_000, "lfo": {"length": "1 bar", "depth": 500}}]
)
def test_a_cut_off_that_moves_is_not_judged(judged, kind, moving):
    raw = noise()
    effects = [lowpass(2_000), {kind: {"cutoff_hz": moving, "order": 4, "zero_phase": False}}]
    assert judged(through([lowpass(2_000)], raw), effects, raw).status == "skip"


CHAIN = [
    {"highpass": {"cutoff_hz": 60, "order": 4, "zero_phase": False}},
    lowpass(6_000),
    {"compressor": {"threshold_db": -30, "ratio": 8, "attack_ms": 5, "release_ms": 80}},
    {"delay": {"delay_length": "0.1 s", "feedback": 0.4, "mix": 0.4}},
    {"reverb": {"room_size": 0.5, "wet_level": 0.2}},
    {"gain": {"gain_db": -9}},
]


def test_other_effects_that_leave_the_spectrum_alone(judged):
    bursts = noise(channels=2) * (np.sin(2 * np.pi * 2 * np.arange(FRAMES) / RATE)[:, None] > 0.3)
    assert judged(through(CHAIN, bursts), CHAIN, bursts).status == "pass"
    without = [e for e in CHAIN if "lowpass" not in e]
    assert judged(through(without, bursts), CHAIN, bursts).status == "fail"


@pytest.mark.parametrize(
    "effects, told",
    [
        ([], "its effects include no low-pass"),
        ([lowpass(2_000), {"chorus": {}}], "chorus shape its spectrum too"),
        ([lowpass(2_000), {"highpass": {"cutoff_hz": 300, "order": 4}}], "highpass shape its spectrum too"),
        ([lowpass(11_000)], "an octave above 11000 Hz is too close to the Nyquist frequency at 48,000 Hz"),
    ],
)
def test_what_cannot_be_judged_is_skipped_by_name(judged, effects, told):
    check = judged(noise(), effects, noise())
    assert (check.status, check.reason) == ("skip", told)


def test_a_source_with_nothing_to_take_away(judged):
    tone = 0.5 * np.sin(2 * np.pi * 220 * np.arange(FRAMES) / RATE)[:, None]
    check = judged(tone, [lowpass(8_000)], tone)
    assert (check.status, check.measured, check.reason) == (
        "skip",
        None,
        "its source has no signal to attenuate there",
    )


def test_a_line_beside_the_upper_band_does_not_stand_for_it(judged):
    """A little under twice the cut-off, the second order takes 11.8 dB away: what leaks from there is not judged."""
    time = np.arange(FRAMES)[:, None] / RATE
    lines = (0.9, 1.97), (0.05, 0.35)
    raw = sum(level * np.sin(2 * np.pi * 2_000 * ratio * time) for level, ratio in lines)
    effects = [lowpass(2_000, 2)]
    assert judged(through(effects, raw), effects, raw).status == "skip"


def test_the_lowest_of_several_counts(judged):
    effects = [lowpass(9_000), lowpass(3_000, 2)]
    check = judged(through(effects, noise()), effects, noise())
    assert check.status == "pass" and "6000 Hz (order 2)" in check.limit


def test_files_of_different_lengths_or_not_finite_do_not_pass(judged):
    check = judged(noise(), [lowpass(2_000)], noise()[:-1])
    assert check.status == "fail" and "191,999" in check.reason
    bad = noise()
    bad[70_000] = math.nan
    for made, raw in [(bad, noise()), (noise(), bad)]:
        check = judged(made, [lowpass(2_000)], raw)
        assert (check.status, check.measured) == ("fail", None) and "not finite" in check.reason


# --- walls ------------------------------------------------------------------------------------


def recording(seed=2):
    """Pink noise, as music is on average: 3 dB an octave, 40 dB over the floor of 16 bits at 16 kHz."""
    pink = shaped(noise(seed=seed), lambda f: -3 * math.log2(max(f, 20) / 1_000))
    return 0.1 * pink / pink.std()


def walled(hertz, db=60.0, width=400.0):
    return shaped(recording(), lambda f: -db * min(1, max(0, (f - hertz) / width)))


@pytest.mark.parametrize(
    "hertz, status",
    [
        (None, "pass"),
        (20_000, "pass"),
        (19_300, "pass"),
        (18_500, "warn"),
        (16_000, "warn"),
        (11_000, "warn"),
    ],
)
def test_a_wall_under_19_khz(judged, hertz, status):
    check = judged(walled(hertz) if hertz else recording())
    assert check.status == status
    if hertz:
        assert check.measured == pytest.approx(hertz, abs=300) and check.unit == "Hz"
    else:
        assert check.measured == "none"


@pytest.mark.parametrize("db, status", [(10, "pass"), (17, "pass"), (24, "warn"), (60, "warn")])
def test_the_height_of_a_wall(judged, db, status):
    assert judged(walled(16_000, db)).status == status


@pytest.mark.parametrize("order, cutoff", [(1, 8_000), (4, 8_000), (4, 15_000), (8, 12_000)])
def test_a_filter_is_no_wall(judged, order, cutoff):
    assert judged(through([lowpass(cutoff, order)], recording())).status == "pass"


@pytest.mark.parametrize("wall, status", [(15_800, "pass"), (11_000, "warn")])
def test_a_wall_where_the_source_s_sample_rate_ends_is_no_codec_s(judged, wall, status):
    """A source at 32 kHz holds nothing above 16 kHz."""
    check = judged(walled(wall), source_rate=32_000)
    assert (check.status, check.limit) == (status, "no wall of 20 dB under 14,400 Hz")


@pytest.mark.parametrize("kbps", [48, 56, 64])
def test_the_wall_of_an_mp3(judged, tmp_path, kbps):
    """LAME's own low-pass, as libsndfile brings it."""
    if not shutil.which("lame"):
        pytest.skip("lame is not installed")
    sf.write(tmp_path / "m.wav", recording(), RATE, "PCM_16")
    subprocess.run(
        ["lame", "--quiet", "--resample", "48", "-b", str(kbps), "m.wav", "m.mp3"], cwd=tmp_path, check=True
    )
    decoded, _ = sf.read(tmp_path / "m.mp3", always_2d=True)
    assert judged(decoded).status == "warn"


@pytest.mark.parametrize("pattern", [{"snare": "----x-------x---"}, {"shaker": "x-x-x-x-x-x-x-x-"}])
@pytest.mark.parametrize("seed", ["one", "two"])
def test_where_the_noise_of_a_drum_ends_is_no_wall(judged, pattern, seed):
    """It falls by 20 dB within 1,000 Hz, and then by 25 dB within 500."""
    drums = sources.make({"drums": {"patterns": {"*": pattern}}})
    bar = np.concatenate(list(sources.render(drums, context(rate=RATE, seed=seed), None)))
    assert judged(np.tile(bar, (4, 1))).status == "pass"


def test_partials_are_no_plateau(judged):
    time = np.arange(FRAMES)[:, None] / RATE
    flute = sum(np.sin(2 * np.pi * 880 * n * time) / n**2 for n in range(1, 14)) * 0.1
    assert judged(flute + noise(level=1e-5)).status == "pass"


def test_a_reference_that_cannot_be_measured(judged):
    assert judged(recording()[:4_000]).reason == "the file is shorter than 4,096 frames"
    bad = recording()
    bad[5] = math.nan
    check = judged(bad)
    assert (check.status, check.measured) == ("fail", None) and "not finite" in check.reason
