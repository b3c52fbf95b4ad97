"""Gates of loudness and level, and targets by name: good files, just inside, just outside, and plainly bad ones."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf
from audio_signals import sine
from gate_files import judge
from gate_files import tone as file_tone

from stemwright.gates import Subject, make, verify
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS, limits

RATE = 8_000
OWN = limits(None, -20.0, None, None)


def tone(level, seconds=4.0, **options):
    return sine(level, seconds, 997, rate=RATE, **options)


def levels(*levels_and_seconds):
    return np.concatenate([tone(level, seconds) for level, seconds in levels_and_seconds])


def between_samples(peak_db):
    """A sine whose samples all lie 3.01 dB under its peak (EBU Tech 3341, case 16), faded in and out."""
    samples = sine(peak_db, 2, RATE / 4, rate=RATE, degrees=45)
    return samples * np.hanning(len(samples))[:, None]


def with_a_peak(above):
    """Eight seconds of a tone at -30 dB, and in it 20 ms that are louder: a peak so many dB over its loudness."""
    samples = tone(-30, 8.0)
    burst = tone(above - 30, 0.02) * np.hanning(160)[:, None]
    samples[32_000:32_160] = burst
    return samples


def of_quiet(level):
    return levels((-17.5, 3), (level + 3.01, 1), (-17.5, 3))


def judged(tmp_path, samples, gate, options=None, kind="master", target=None, subtype="FLOAT", rate=RATE):
    """The checks of one gate on samples."""
    path = tmp_path / "a.wav"
    sf.write(path, samples, rate, subtype)
    facts = {} if target is None else {"target": target}
    verdict = verify(Subject(str(path), kind, context=facts), make({gate: options or {}}))
    assert verdict.passed == all(check.status != "fail" for check in verdict.checks)
    return verdict.checks


def preset(name, severity=None, tolerance=None):
    return limits(name, None, tolerance, severity)


# Gate, its limits, the target, what makes a file, and: value, status - good, just inside, just outside, plainly bad.
CASES = {
    "loudness": ("loudness", {}, OWN, tone, [(-20, 1), (-19.53, 1), (-19.45, 0), (-9, 0)]),
    "loudness, too quiet": ("loudness", {}, OWN, tone, [(-20, 1), (-20.47, 1), (-20.55, 0), (-40, 0)]),
    "ebu-r128": ("loudness", {}, preset("ebu-r128"), tone, [(-23, 1), (-22.83, 1), (-22.75, 0), (-14, 0)]),
    "aes77, asymmetric": (
        "loudness",
        {},
        preset("aes77", "error"),
        tone,
        [(-16, 1), (-14.05, 1), (-16.45, 1), (-13.9, 0), (-16.6, 0), (-8, 0)],
    ),
    "alexa, a range": (
        "loudness",
        {},
        preset("alexa"),
        tone,
        [(-14, 1), (-18.95, 1), (-9.05, 1), (-19.1, 0), (-8.9, 0), (-30, 0)],
    ),
    "momentary": (
        "momentary",
        {"max_lufs": -20.0},
        None,
        lambda level: levels((-40, 2), (level, 0.5), (-40, 2)),
        [(-25, 1), (-20.05, 1), (-19.9, 0), (-3, 0)],
    ),
    "short_term": (
        "short_term",
        {"max_lufs": -20.0},
        None,
        lambda level: levels((-40, 2), (level, 3.1), (-40, 2)),
        [(-25, 1), (-20.05, 1), (-19.9, 0), (-3, 0)],
    ),
    "short_term of ebu-r128-s1": (
        "short_term",
        {},
        preset("ebu-r128-s1"),
        lambda level: levels((-40, 2), (level, 3.1)),
        [(-23, 1), (-18.05, 1), (-17.9, 0), (-3, 0)],
    ),
    "loudness_range": (
        "loudness_range",
        {"max_lu": 12.0},
        None,
        lambda width: levels((-15 - width, 31), (-15, 31)),
        [(5, 1), (11.9, 1), (12.1, 0), (18, 0)],
    ),
    "loudness_range of game-home": (
        "loudness_range",
        {},
        preset("game-home", "error"),
        lambda width: levels((-15 - width, 21), (-15 - width / 2, 21), (-15, 21)),
        [(10, 1), (19.9, 1), (20.1, 0), (22, 0)],
    ),
    "true_peak": ("true_peak", {}, None, between_samples, [(-6, 1), (-1.1, 1), (-0.9, 0), (2, 0)]),
    "true_peak of atsc-a85": (
        "true_peak",
        {},
        preset("atsc-a85"),
        between_samples,
        [(-6, 1), (-2.1, 1), (-1.9, 0), (2, 0)],
    ),
    "plr": ("plr", {"severity": "error"}, None, with_a_peak, [(14, 1), (8.2, 1), (7.8, 0), (2, 0)]),
    "rms": (
        "rms",
        {},
        preset("acx"),
        tone,
        [(-17.5, 1), (-15.05, 1), (-19.95, 1), (-14.9, 0), (-20.1, 0), (0, 0)],
    ),
    "sample_peak": (
        "sample_peak",
        {},
        preset("acx"),
        lambda level: sine(level, 1, RATE / 4, rate=RATE, degrees=90),
        [(-9, 1), (-3.05, 1), (-2.95, 0), (0, 0)],
    ),
    "noise_floor": ("noise_floor", {}, preset("acx"), of_quiet, [(-80, 1), (-60.1, 1), (-59.9, 0), (-30, 0)]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["master", "delivered"])
def test_good_just_inside_just_outside_and_bad(tmp_path, case, kind):
    gate, options, target, samples_of, files = CASES[case]
    for value, holds in files:
        (check,) = judged(tmp_path, samples_of(value), gate, options, kind, target)
        assert check.id == gate and check.status == ("pass" if holds else "fail"), (value, check)
        assert holds or check.remedy
        warned = {**options, "severity": "warn"}
        (check,) = judged(tmp_path, samples_of(value), gate, warned, kind, target)
        assert check.status == ("pass" if holds else "warn")


@pytest.mark.parametrize("subtype, peak, status", [("PCM_16", -1.1, "pass"), ("PCM_24", -0.9, "fail")])
def test_the_true_peak_is_that_of_the_decoded_file(tmp_path, subtype, peak, status):
    (check,) = judged(tmp_path, between_samples(peak), "true_peak", kind="delivered", subtype=subtype)
    assert (check.status, check.measured) == (status, pytest.approx(peak, abs=0.1))


def test_a_mix_is_measured_and_warned_of_peaks_but_has_no_target(tmp_path):
    samples = levels((-20, 4), (0.5, 1))
    for gate, options in (("momentary", {}), ("short_term", {})):
        (check,) = judged(tmp_path, samples, gate, options, "mix")
        assert (check.status, check.reason) == ("skip", "no limit is set") and check.measured < 0.6
        (check,) = judged(tmp_path, samples, gate, {"max_lufs": -10.0}, "mix")
        assert check.status == "fail"
    (check,) = judged(tmp_path, samples, "loudness", kind="mix")
    assert (check.status, check.reason) == ("skip", "a mix has no target: only its master has one")
    for level, status in ((-0.1, "pass"), (0.3, "warn")):
        (check,) = judged(tmp_path, between_samples(level), "true_peak", kind="mix")
        assert (check.status, check.limit) == (status, "<= 0")
    (check,) = judged(tmp_path, samples, "plr", kind="mix")
    assert (check.status, check.limit) == ("warn", ">= 8")


def test_what_is_told_is_what_is_judged(tmp_path):
    """-0.996 dBTP would be told as -1 and refused at -1."""
    samples = sine(-0.996, 1, 500, rate=RATE) * np.hanning(RATE)[:, None]
    (check,) = judged(tmp_path, samples, "true_peak")
    assert (check.status, check.measured) == ("pass", -1.0)


# --- what cannot be measured ------------------------------------------------------------------

SILENT, NOT_FINITE = np.zeros((4 * RATE, 2)), tone(-20) * math.nan
LIMITED = {
    "loudness": ({}, OWN),
    "momentary": ({"max_lufs": -1.0}, None),
    "short_term": ({"max_lufs": -1.0}, None),
    "loudness_range": ({"max_lu": 5.0}, None),
    "true_peak": ({}, None),
    "plr": ({"severity": "error"}, None),
    "sample_peak": ({}, preset("acx")),
}


@pytest.mark.parametrize("gate", LIMITED)
@pytest.mark.parametrize("what", ["silent", "not finite"])
def test_what_cannot_be_measured_does_not_pass(tmp_path, gate, what):
    options, target = LIMITED[gate]
    samples = np.tile(
        SILENT if what == "silent" else NOT_FINITE, (16, 1)
    )  # over a minute, as the range needs
    (check,) = judged(tmp_path, samples, gate, options, target=target)
    assert (check.status, check.measured) == ("fail", None)
    assert "cannot be measured: " in check.reason and check.limit


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("off, status", [(0, "pass"), (0.4, "pass"), (-0.6, "fail"), (2, "fail")])
def test_a_one_shot_has_the_loudness_of_400_ms(tmp_path, seconds, off, status):
    """Its energy over 400 ms: a tone of 0.1 s has 6.02 LU less than one that lasts."""
    samples = tone(-20 - 10 * math.log10(seconds / 0.4) + off, seconds)
    (check,) = judged(tmp_path, samples, "loudness", target=OWN)
    assert check.status == status and check.measured == pytest.approx(-20 + off, abs=0.1)
    (check,) = judged(tmp_path, samples, "momentary", {"max_lufs": -19.9})
    assert check.status == ("fail" if off == 2 else "fail" if off == 0.4 else "pass")
    assert judged(tmp_path, samples, "plr", {"min_lu": 0.0})[0].status == "pass"


@pytest.mark.parametrize("seconds", [0.2, 4])
def test_mono_is_one_channel_unless_the_song_says_otherwise(tmp_path, seconds):
    sf.write(tmp_path / "a.wav", tone(-20, seconds)[:, :1], RATE, "FLOAT")
    found = {}
    for dual in (False, True):
        context = {"target": limits(None, -20.0, 5.0, None), **({"dual_mono": True} if dual else {})}
        gates = make({"loudness": {}, "momentary": {}, "short_term": {}, "plr": {}})
        checks = verify(Subject(str(tmp_path / "a.wav"), "master", context=context), gates).checks
        found[dual] = np.array([check.measured for check in checks])
    assert found[True] - found[False] == pytest.approx([3.01, 3.01, 3.01, -3.01], abs=0.011)


@pytest.mark.parametrize(
    "gate, target, missed, reason",
    [
        (
            "loudness",
            OWN,
            "limiter",
            "5.0 LU too quiet: the limiter lets no gain make it denser; it is closest with 31.5 dB",
        ),
        (
            "loudness",
            OWN,
            "quiet",
            "5.0 LU too quiet: the mix is so quiet that the greatest gain, 31.5 dB, is too little",
        ),
        ("loudness", OWN, "", ""),
        ("rms", preset("acx"), "limiter", "5.0 dB too quiet: the limiter lets no gain"),
    ],
)
def test_a_master_says_by_how_much_and_why_it_misses_its_target(tmp_path, gate, target, missed, reason):
    (tmp_path / "master.json").write_text(json.dumps({"gain_db": 31.5, "missed": missed}))
    sf.write(tmp_path / "a.wav", tone(-25), RATE, "FLOAT")
    inputs = {"settings": [str(tmp_path / "master.json")]}
    subject = Subject(str(tmp_path / "a.wav"), "master", context={"target": target}, inputs=inputs)
    (check,) = verify(subject, make({gate: {}})).checks
    assert check.status == "fail" and check.reason.startswith(reason) and bool(check.reason) == bool(reason)
    assert check.remedy
    subject = replace(
        subject, context={"target": limits(None, -25.0, 0.5, None)} if gate == "loudness" else {}
    )
    assert all(
        check.status == "pass" and not check.reason for check in verify(subject, make({gate: {}})).checks
    )


@pytest.mark.parametrize("seconds, told", [(0.3, True), (0.39, True), (0.4, False)])
def test_under_400_ms_is_told(tmp_path, seconds, told):
    energy = 10 * math.log10(min(seconds / 0.4, 1))  # of the 400 ms that it is the beginning of
    for level, status in ((-20, "pass"), (-22, "fail")):
        (check,) = judged(tmp_path, tone(level - energy, seconds), "loudness", target=OWN)
        assert (check.status, "BS.1770 has no integrated loudness" in check.reason) == (status, told)


def test_silence_is_told(tmp_path):
    (check,) = judged(tmp_path, SILENT, "loudness", target=OWN)
    assert (check.status, check.reason) == ("fail", "cannot be measured: it is silent") and check.remedy
    (check,) = judged(tmp_path, tone(-80), "loudness", target=OWN)
    assert (check.status, check.reason) == ("fail", "cannot be measured: nothing in it is above -70 LUFS")


@pytest.mark.parametrize("gate", ["momentary", "short_term", "loudness_range"])
def test_without_a_limit_what_cannot_be_measured_is_skipped_by_name(tmp_path, gate):
    (check,) = judged(tmp_path, np.tile(SILENT, (16, 1)), gate)
    assert (check.status, check.measured) == ("skip", None)
    assert check.reason == "cannot be measured: nothing in it is above -70 LUFS"


@pytest.mark.parametrize("seconds, status", [(59.9, "skip"), (60, "fail")])
def test_loudness_range_takes_a_minute(tmp_path, seconds, status):
    samples = levels((-40, seconds / 2), (-20, seconds / 2))
    (check,) = judged(tmp_path, samples, "loudness_range", {"max_lu": 5.0})
    assert check.status == status
    assert (check.reason == "the file is too short: 59.9 s of the 60 s needed (EBU Tech 3342)") == (
        status == "skip"
    )


@pytest.mark.parametrize("gate", ["rms", "noise_floor"])
def test_audiobook_levels_of_silence_and_of_what_is_not_finite(tmp_path, gate):
    (check,) = judged(tmp_path, SILENT, gate, target=preset("acx"))
    assert (check.status, check.measured) == ("fail" if gate == "rms" else "pass", "-inf")
    (check,) = judged(tmp_path, NOT_FINITE, gate, target=preset("acx"))
    assert (check.status, check.measured) == ("fail", None) and "cannot be measured" in check.reason


@pytest.mark.parametrize("gate", ["rms", "sample_peak", "noise_floor"])
def test_audiobook_levels_are_checked_only_for_audiobooks(tmp_path, gate):
    assert judged(tmp_path, tone(-1), gate, target=preset("ebu-r128")) == ()
    assert judged(tmp_path, tone(-1), gate) == ()


# --- presets ----------------------------------------------------------------------------------

TABLE = {  # loudness, how far under and over it, true peak, what missing it means
    "ebu-r128": (-23, 0.2, 0.2, -1, "error"),
    "ebu-r128-s1": (-23, 0.2, 0.2, -1, "error"),
    "atsc-a85": (-24, 2, 2, -2, "error"),
    "netflix": (-27, 2, 2, -2, "error"),
    "spotify": (-14, 0.5, 0.5, -1, "warn"),
    "apple-music": (-16, 0.5, 0.5, -1, "warn"),
    "apple-podcasts": (-16, 1, 1, -1, "warn"),
    "youtube": (-14, 0.5, 0.5, None, "warn"),
    "tidal": (-14, 0.5, 0.5, None, "warn"),
    "amazon-music": (-14, 0.5, 0.5, -2, "warn"),
    "alexa": (-14, 5, 5, -2, "error"),
    "aes77": (-16, 0.5, 2, -1, "warn"),
    "game-home": (-24, 2, 2, -1, "warn"),
    "game-portable": (-18, 2, 2, -1, "warn"),
    "acx": (None, 0.5, 0.5, None, "error"),
}


def test_the_presets():
    found = {
        name: (p.integrated_lufs, p.below_lu, p.above_lu, p.max_true_peak_dbtp, p.severity)
        for name, p in LOUDNESS_TARGETS.items()
    }
    assert found == TABLE
    assert all(p.about and p.source for p in LOUDNESS_TARGETS.values())


@pytest.mark.parametrize("name", [name for name in TABLE if name not in ("acx", "netflix")])
def test_missing_a_preset_refuses_or_warns(tmp_path, name):
    wanted, below, above, peak, severity = TABLE[name]
    missed = "fail" if severity == "error" else "warn"
    target = preset(name)
    for off, status in ((0, "pass"), (-below - 0.1, missed), (above + 0.1, missed)):
        (check,) = judged(tmp_path, tone(wanted + off), "loudness", target=target)
        assert check.status == status and name in check.limit
    (check,) = judged(tmp_path, tone(wanted - 9), "loudness", target=preset(name, "error"))
    assert check.status == "fail"
    if peak is not None and peak < -1:  # above -1 dBTP the gate's own limit refuses
        (check,) = judged(tmp_path, between_samples(peak + 0.5), "true_peak", target=target)
        assert (check.status, check.limit) == (missed, f"<= {peak} ({name})")
        assert judged(tmp_path, between_samples(-0.5), "true_peak", target=target)[0].status == "fail"


def test_netflix_is_never_said_to_be_met(tmp_path):
    for level in (-27, -10):
        (check,) = judged(tmp_path, tone(level), "loudness", target=preset("netflix"))
        assert check.status == "warn" and check.reason.startswith("netflix has this limit for dialogue only")
    (check,) = judged(tmp_path, between_samples(-1.5), "true_peak", target=preset("netflix"))
    assert check.status == "fail"


def test_dialogue_that_is_silent_is_said_to_be(tmp_path):
    """Not the file, in which there is music."""
    sf.write(tmp_path / "a.wav", tone(-27), RATE, "FLOAT")
    sf.write(tmp_path / "voice.wav", 0 * tone(-27), RATE, "FLOAT")
    context = {"target": preset("netflix"), "dialogue": {"faders": {"voice": {}}, "channels": 2}}
    inputs = {"dialogue": [str(tmp_path / "voice.wav")]}
    subject = Subject(str(tmp_path / "a.wav"), "master", context=context, inputs=inputs)
    (check,) = verify(subject, make({"loudness": {}})).checks
    assert check.status == "fail" and "the stems with `dialogue: true` are silent" in check.reason


def test_youtube_turns_nothing_up(tmp_path):
    (check,) = judged(tmp_path, tone(-17), "loudness", target=preset("youtube"))
    assert check.remedy == "youtube does not turn music up: this plays 3.0 LU quieter than other music"
    (check,) = judged(tmp_path, tone(-9), "loudness", target=preset("youtube"))
    assert check.remedy.startswith("players turn this down by 5.0 dB")


def test_a_live_programme_may_be_further_off(tmp_path):
    for tolerance, status in ((None, "fail"), (1.0, "pass")):
        target = preset("ebu-r128", tolerance=tolerance)
        assert judged(tmp_path, tone(-22.2), "loudness", target=target)[0].status == status


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"folded": True}, "master.dual_mono"),
        ({"conversion": {"may_be_lowered": True}}, "conversion.gain"),
        ({}, "the limiter cannot reach"),
    ],
    ids=["mono of stereo", "turned down for a codec", "else"],
)
def test_a_delivered_file_that_is_too_quiet_is_told_why(tmp_path, context, told):
    context = {"target": limits(None, -20.0, None, None), **context}
    check = judge(tmp_path / "a.wav", "loudness", file_tone(-23.0), "delivered", context=context)
    assert check.status == "fail" and told in check.remedy
