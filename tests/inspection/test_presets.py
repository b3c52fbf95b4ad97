"""Every limit of every preset names the document that it rests on."""

import pytest

from stemwright.inspection.presets import CLAUSES
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
