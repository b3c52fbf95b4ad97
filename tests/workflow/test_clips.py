"""Recordings that are edited and aligned, built for real."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

RATE = 8_000
SONG = """\
bpm: 120
length: 3 bars
reference: {file: count-in.wav, start: 0.5 s, at: bar 2, align: {file: rough.wav}}
gates: {grid: false, tempo: false, imports: false}
stems:
  band: {source: {reference: }}
  bass:
    source:
      audio:
        file: bass.wav
        align: {file: rough.wav}
        edits:
          - silence: {start: bar 1 beat 3, end: bar 2}
          - replace: {start: bar 2 beat 2, end: bar 2 beat 3, file: take.wav}
"""


@pytest.mark.long
def test_edits_and_alignments(empty):
    rng = np.random.default_rng(1)
    bass, take, band = (
        0.1 * np.convolve(rng.normal(size=6 * RATE), np.ones(3) / 2, "same") for _ in range(3)
    )
    rough = np.append(np.zeros(400), bass[:-400]) + np.append(
        np.zeros(2 * RATE + 80), band[RATE // 2 : 4 * RATE + 3_920]
    )
    for name, samples in ("bass", bass), ("take", take), ("count-in", band), ("rough", rough):
        sf.write(empty / f"{name}.wav", samples, RATE, "FLOAT")
    empty.write("config.yaml", f"songs: [x]\nsession: {{sample_rate: {RATE}, channels: 1}}\n")
    empty.write("songs/x.yaml", SONG)
    empty.snakemake("build/x/stems/bass.wav.ok", "build/x/reference/reference.wav.ok")
    found, _ = sf.read(empty / "build/x/stems/bass.wav")
    expected = np.append(np.zeros(400), bass[:-400]).astype(np.float32)
    expected[RATE : 2 * RATE] = 0
    expected[20_000:24_000] = np.append(np.zeros(400), take[:-400]).astype(np.float32)[20_000:24_000]
    joints = np.abs(np.arange(6 * RATE)[:, None] - [RATE, 2 * RATE, 20_000, 24_000]).min(axis=1) <= 20
    joints |= np.arange(6 * RATE) >= 6 * RATE - 40  # the song ends before it
    assert np.array_equal(found[~joints], expected[~joints])
    reference, _ = sf.read(empty / "build/x/reference/reference.wav")
    assert not reference[: 2 * RATE + 80].any()
    assert np.array_equal(
        reference[2 * RATE + 80 : 6 * RATE], band[RATE // 2 :].astype(np.float32)[: 4 * RATE - 80]
    )
    log = (empty / "logs/x/stems/bass.wav.log").read_text()
    assert "shifted bass.wav to match rough.wav: by +50.000 ms (+400.00 frames), correlation 0.7" in log
    sf.write(empty / "take.wav", take[::-1], RATE, "FLOAT")
    assert empty.snakemake("build/x/stems/bass.wav", "build/x/reference/reference.wav").jobs == [
        "render bass"
    ]
