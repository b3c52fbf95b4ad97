"""Faults that are made on purpose, each in one stem of four: the right stem and figure are named, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from exports import FRAMES, RATE, export, stems

from stemwright.inspection.consistency import judge_copies
from stemwright.inspection.delivery import _judge_sums
from stemwright.inspection.roles import find_roles
from stemwright.inspection.sounds import open_sounds


def judged(folder):
    """The findings about the sum of a folder: (that of the whole, those of stems by file)."""
    paths = sorted(folder.iterdir())
    sounds, _ = open_sounds([(path.name, str(path)) for path in paths])
    roles = find_roles(sounds, {})
    _, copies = judge_copies(roles.stems)
    whole, *others = _judge_sums(roles, copies)
    named = {finding.file.removeprefix("Song_").removesuffix(".wav"): finding for finding in others}
    return whole.check, named


def shifted(sound, frames):
    return np.pad(sound, ((max(0, frames), max(0, -frames)), (0, 0)))[max(0, -frames) :][: len(sound)]


def between(sound, frames):
    """Later by a part of a frame, as a band-limited signal: by its spectrum, with silence around."""
    size = 2 * len(sound)
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size) * frames)[:, None]
    return np.fft.irfft(np.fft.rfft(sound, size, axis=0) * turn, size, axis=0)[: len(sound)]


def compressed(sound, key):
    """Through a gain that follows the level of a key, smoothed over 50 ms: 2 to 1 from -35 dBFS up."""
    level = np.abs(key).max(axis=1)
    smooth = np.convolve(level, np.ones(400) / 400, "same")
    over = np.maximum(0, 20 * np.log10(np.maximum(smooth, 1e-6)) + 35)
    return sound * 10 ** (-0.5 * over / 20)[:, None]


def cut(sound, first, end):
    return np.where((np.arange(len(sound)) >= first) & (np.arange(len(sound)) < end), 0, sound.T).T


FAULTS = {
    "late": (lambda s, _: shifted(s, 1086), "late", 1086),
    "early": (lambda s, _: shifted(s, -31), "early", 31),
    "late by a part of a frame": (lambda s, _: between(s, 7.4), "late", 7.4),
    "inverted": (lambda s, _: -s, "inverted", "inverted"),
    "too quiet": (lambda s, _: s * 10 ** (-3 / 20), "gain", -3.0),
    "too loud": (lambda s, _: s * 10 ** (0.3 / 20), "gain", 0.3),
    "silent": (lambda s, _: s * 0, "silent", None),
    "through the master bus": (compressed, "master_bus", None),
    "another take": (lambda s, _: np.roll(s[::-1], 700, axis=0), "other_take", None),
    "swapped": (lambda s, _: s[:, ::-1], "swapped", "L/R"),
    "panned": (lambda s, _: s * [10 ** (-2 / 20), 10 ** (1.5 / 20)], "pan", -3.5),
    "channels mixed": (lambda s, _: s @ [[0.8, 0.3], [0.1, 0.9]], "pan", None),
    "one channel inverted": (lambda s, _: s * [1, -1], "inverted", "right"),
    "truncated": (lambda s, _: cut(s, 13_000, FRAMES), "truncated", 1.625),
    "a drop-out": (lambda s, _: cut(s, 9_000, 9_120), "dropout", 1.125),
    "mono": (lambda s, _: s.mean(axis=1), "mono", None),
    "filtered": (lambda s, _: 0.9 * s - 0.6 * shifted(s, 1), "processed", None),
    "far too late": (lambda s, _: shifted(s, 8_500), "late", 8_500),
}


QUICK = (
    "late",
    "late by a part of a frame",
    "inverted",
    "too quiet",
    "silent",
    "through the master bus",
    "swapped",
)
QUICK += ("another take", "truncated", "a drop-out")


@pytest.mark.parametrize(
    "fault", [f if f in QUICK else pytest.param(f, marks=pytest.mark.long) for f in FAULTS]
)
def test_the_culprit_is_named_with_its_figure(fault, tmp_path):
    change, detail, figure = FAULTS[fault]
    parts = stems()
    mix = sum(parts.values())
    who = ("bass", "drums", "keys", "vocals")[len(fault) % 4]
    folder = export(tmp_path / "x", {**parts, who: change(parts[who], mix)}, mix)
    whole, named = judged(folder)
    assert whole.status == "fail"
    assert {stem: finding.check.id for stem, finding in named.items()} == {who: f"sum.{detail}"}
    if figure is not None:
        found = named[who].check.measured
        assert found == (pytest.approx(figure, abs=0.02) if isinstance(figure, float) else figure)


def test_a_missing_stem_is_told_by_its_level_and_place(tmp_path):
    parts = stems()
    parts["keys"][:6_000] = 0
    mix = sum(parts.values())
    level = 20 * np.log10(np.sqrt(np.mean(parts["keys"][6_000:] ** 2)))
    whole, named = judged(export(tmp_path / "x", {k: v for k, v in parts.items() if k != "keys"}, mix))
    assert (whole.status, list(named)) == ("fail", [""])
    assert named[""].check.id == "sum.missing"
    assert f"{level:.1f} dBFS RMS from 0.74 to 2.50 s" in named[""].check.reason


def test_a_stem_without_its_stereo_is_not_taken_for_another_s_steady_tone(tmp_path):
    parts = stems()
    time = np.arange(FRAMES)[:, None] / RATE
    side = np.array([1.0, -1.0])
    parts["drone"] = 0.2 * np.sin(2 * np.pi * 110 * time) * side
    later = 0.2 * np.sin(2 * np.pi * 110 * (time - 1 / RATE)) * side
    parts["keys"] = (
        parts["keys"].mean(axis=1, keepdims=True) + parts["drone"] - later
    )  # as if the drone were late
    mix = sum(parts.values())
    _, named = judged(export(tmp_path / "x", {**parts, "keys": parts["keys"].mean(axis=1)}, mix))
    assert {stem: finding.check.id for stem, finding in named.items()} == {"keys": "sum.mono"}


def test_a_stem_that_is_there_twice(tmp_path):
    parts = stems()
    whole, named = judged(export(tmp_path / "x", {**parts, "keys 2": parts["keys"]}, sum(parts.values())))
    assert whole.status == "fail"
    ((who, finding),) = named.items()
    assert who in ("keys", "keys 2")
    assert finding.check.id == "sum.doubled"


@pytest.mark.long
def test_a_stem_that_has_the_sound_of_another(tmp_path):
    parts = stems()
    _, named = judged(export(tmp_path / "x", {**parts, "keys": parts["bass"]}, sum(parts.values())))
    ((who, finding),) = named.items()
    assert who in ("keys", "bass")
    assert finding.check.id == "sum.copy"


def test_a_stem_that_the_mix_does_not_have(tmp_path):
    parts = stems()
    _, named = judged(export(tmp_path / "x", parts, sum(parts.values()) - parts["drums"]))
    assert [(who, finding.check.id) for who, finding in named.items()] == [("drums", "sum.not_in_mix")]


@pytest.mark.long
def test_two_faults_at_once(tmp_path):
    parts = stems()
    mix = sum(parts.values())
    wrong = {"keys": shifted(parts["keys"], 240), "vocals": -parts["vocals"]}
    _, named = judged(export(tmp_path / "x", {**parts, **wrong}, mix))
    found = {who: (finding.check.id, finding.check.measured) for who, finding in named.items()}
    assert found == {"keys": ("sum.late", 240), "vocals": ("sum.inverted", "inverted")}


@pytest.mark.long
def test_stems_before_their_faders(tmp_path):
    parts = stems()
    faders = dict(zip(parts, (-9.0, -4.0, 1.0, 5.0), strict=True))
    raw = {name: sound * 10 ** (faders[name] / 20) for name, sound in parts.items()}
    _, named = judged(export(tmp_path / "x", raw, sum(parts.values())))
    assert {who: f.check.measured for who, f in named.items()} == pytest.approx(faders, abs=0.05)


# No false alarms


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_stems_that_add_up(subtype, tmp_path):
    whole, named = judged(export(tmp_path / "x", stems(), subtype=subtype))
    assert (whole.status, named) == ("pass", {})


def test_dither_and_a_mix_of_another_format(tmp_path):
    rng = np.random.default_rng(5)
    dithered = {k: v + (rng.random(v.shape) - rng.random(v.shape)) * 2.0**-15 for k, v in stems().items()}
    folder = export(tmp_path / "x", dithered, sum(stems().values()), "PCM_16")
    assert judged(folder)[0].status == "pass"
    sf.write(folder / "Song_mix.wav", sum(stems().values()), RATE, "FLOAT")
    assert judged(folder)[0].status == "pass"


def test_shaped_dither_is_no_fault(tmp_path):
    rng = np.random.default_rng(6)
    noise = rng.normal(0, 1, (FRAMES + 2, 2))
    high = 2.0**-15 * (
        noise[2:] - 2 * noise[1:-1] + noise[:-2]
    )  # second order: strong, and only in the highs
    parts = stems()
    whole, named = judged(export(tmp_path / "x", parts, sum(parts.values()) + high, "PCM_16"))
    assert (whole.status, named) == ("pass", {})
    assert "shaped dither" in whole.reason


def test_tails_of_different_lengths_still_add_up(tmp_path):
    parts = stems()
    for cut_off, name in enumerate(parts):
        parts[name][FRAMES - 400 * cut_off :] = 0
    short = {name: sound[: FRAMES - 400 * index] for index, (name, sound) in enumerate(parts.items())}
    assert judged(export(tmp_path / "x", short, sum(parts.values())))[0].status == "pass"


def test_a_bus_compressor_is_no_fault_of_a_stem(tmp_path):
    parts = stems()
    mix = sum(parts.values())
    whole, named = judged(export(tmp_path / "x", parts, compressed(mix, mix)))
    assert (whole.status, named) == ("warn", {})
    assert "the stems are before processing on the master bus" in whole.reason


@pytest.mark.long
def test_a_filter_and_a_compressor_on_the_bus(tmp_path):
    parts = stems(frames=4 * RATE)
    mix = sum(parts.values())
    bus = compressed(mix + 0.5 * shifted(mix, 2), mix)
    whole, named = judged(export(tmp_path / "x", parts, bus))
    assert (whole.status, named) == ("warn", {})


@pytest.mark.long
def test_a_mix_with_latency(tmp_path):
    parts = stems()
    mix = sum(parts.values())
    whole, named = judged(export(tmp_path / "x", {k: shifted(v, 64) for k, v in parts.items()}, mix))
    assert (whole.status, named) == ("warn", {})
    assert "all 64 samples (8.00 ms) later" in whole.reason


def test_a_mix_at_another_gain_has_its_figure(tmp_path):
    parts = stems()
    whole, named = judged(export(tmp_path / "x", parts, sum(parts.values()) * 10 ** (-2.5 / 20)))
    assert (whole.status, named) == ("fail", {})
    assert "-2.50 dB from their sum" in whole.reason


@pytest.mark.long
@pytest.mark.parametrize("seed", [2])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_culprit_is_named_in_other_stems(fault, seed, tmp_path):
    change, detail, _ = FAULTS[fault]
    parts = stems(seed)
    mix = sum(parts.values())
    who = ("bass", "drums", "keys", "vocals")[seed % 4]
    _, named = judged(export(tmp_path / "x", {**parts, who: change(parts[who], mix)}, mix, "PCM_16"))
    assert {stem: finding.check.id for stem, finding in named.items()} == {who: f"sum.{detail}"}


@pytest.mark.filterwarnings("error")
def test_samples_that_are_not_finite_are_no_warning_of_numpy(tmp_path):
    parts = stems()
    parts["bass"][1_000:1_010] = np.inf
    whole, _ = judged(export(tmp_path / "a", parts, sum(stems().values()), "FLOAT"))
    assert whole.status == "skip"  # the gate `finite` refuses the file
