"""The one pass that feeds all meters."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from audio_signals import fed, music

from stemwright.base.errors import AudioFileError
from stemwright.measure import measure
from stemwright.measure.levels import Finite, FullScaleRuns, Levels


def test_one_pass_feeds_all_meters(tmp_path):
    samples = music(8_000, 2)
    sf.write(tmp_path / "a.wav", samples, 8_000, "DOUBLE")
    levels, finite, runs = Levels(), Finite(), FullScaleRuns(0.5, 2)
    file = measure(tmp_path / "a.wav", [levels, finite, runs])
    assert (file.rate, file.channels, file.subtype, file.frames) == (8_000, 2, "DOUBLE", 80_000)
    assert levels.frames == 80_000 and finite.bad == 0
    assert levels.peak == np.max(np.abs(samples))
    assert levels.means == pytest.approx(samples.mean(axis=0), abs=1e-12)
    assert runs.runs == fed(FullScaleRuns(0.5, 2), samples, [777] * 200).runs > 0


def test_a_file_that_ends_early_is_not_measured(tmp_path):
    sf.write(tmp_path / "a.flac", music(8_000, 1), 8_000, "PCM_16")
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AudioFileError):
        measure(tmp_path / "a.flac", [Levels()])
