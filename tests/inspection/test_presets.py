"""Every limit of every preset names the document that it rests on."""

import pytest

from stemwright.gates import Check
from stemwright.inspection.finding import Finding
from stemwright.inspection.presets import CLAUSES, with_remedies
from stemwright.inspection.sounds import Sound
from stemwright.mixing.loudness_targets import LOUDNESS_TARGETS

LIMITS = {
    "integrated_lufs": "loudness",
    "max_true_peak_dbtp": "true_peak",
    "max_short_term_lufs": "short_term",
    "max_range_lu": "loudness_range",
    "min_rms_dbfs": "rms",
    "max_peak_dbfs": "sample_peak",
    "max_noise_floor_dbfs": "noise_floor",
}


@pytest.mark.parametrize("preset", LOUDNESS_TARGETS)
def test_each_limit_has_a_clause_with_its_number(preset):
    target = LOUDNESS_TARGETS[preset]
    limits = {
        check: getattr(target, key) for key, check in LIMITS.items() if getattr(target, key) is not None
    }
    assert set(CLAUSES[preset]) == set(limits)
    for check, limit in limits.items():
        assert f"{abs(limit):g}" in CLAUSES[preset][check]


@pytest.mark.parametrize(
    ("preset", "loudness", "peak", "reason", "does"),
    [
        ("apple-podcasts", -15.5, 0.0, "1.02 dB over", "volume=-1.02dB"),
        ("apple-podcasts", -16.5, 0.0, "1.02 dB over; a gain would make it too quiet (-17.52)", "alimiter"),
    ],
)
def test_a_peak_over_the_ceiling(preset, loudness, peak, reason, does):
    sound = Sound("a.wav", "a.wav", 48_000, 2, 100, "PCM_24", "WAV", False)
    checks = [Check("loudness", "pass", loudness), Check("true_peak", "fail", peak)]
    _, found = with_remedies(preset, sound, [Finding(check, "a.wav") for check in checks])
    assert found.check.reason.startswith(reason)
    assert does in found.command


def test_what_a_player_does_not_turn_up_needs_no_gain():
    sound = Sound("a.wav", "a.wav", 48_000, 2, 100, "PCM_24", "WAV", False)
    for loudness, command in ((-20.0, False), (-10.0, True)):
        (found,) = with_remedies("youtube", sound, [Finding(Check("loudness", "warn", loudness), "a.wav")])
        assert bool(found.command) == command
