"""What a master is brought to."""

from __future__ import annotations

from stemwright.mixing.loudness_targets import aim, ceiling, limits

OWN = limits(None, -20.0, None, None)


def preset(name, severity=None, tolerance=None):
    return limits(name, None, tolerance, severity)


def test_what_a_master_is_brought_to():
    assert aim(OWN) == {"integrated_lufs": -20} and ceiling(OWN) is None
    assert aim(preset("alexa")) == {"integrated_lufs": -14} and ceiling(preset("alexa")) == -2
    assert aim(preset("acx")) == {"rms_dbfs": -20.5} and ceiling(preset("acx")) == -3
