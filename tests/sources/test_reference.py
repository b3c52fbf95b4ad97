"""The reference as a stem: untouched."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from rendering import noise, on, rendered, timeline

from stemwright import sources


@pytest.mark.parametrize("seconds", [1.5, 2.0, 3.0])
def test_the_reference_is_untouched(tmp_path, seconds):
    clip = noise(seconds, channels=2)
    sf.write(tmp_path / "reference.wav", clip, 8_000, "FLOAT")
    source = sources.make({"reference": {}})
    assert source.needs_reference and not source.needs_timeline
    out = rendered({"reference": {}}, on(timeline(length="2 s"), 2, reference=tmp_path / "reference.wav"))
    assert np.array_equal(out[: len(clip)], clip[:16_000])
    assert len(out) == 16_000 and not out[len(clip) :].any()
