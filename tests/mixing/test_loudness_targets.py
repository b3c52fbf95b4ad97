"""What a master is brought to."""

from __future__ import annotations

from stemwright.mixing.loudness_targets import limits, master_aim, max_peak

OWN = limits(None, -20.0, None, None)


def preset(name, severity=None, tolerance=None):
    return limits(name, None, tolerance, severity)


def test_what_a_master_is_brought_to():
    assert master_aim(OWN) == {"integrated_lufs": -20} and max_peak(OWN) is None
    assert master_aim(preset("alexa")) == {"integrated_lufs": -14} and max_peak(preset("alexa")) == -2
    assert master_aim(preset("acx")) == {"rms_dbfs": -20.5} and max_peak(preset("acx")) == -3
