"""The compressor: its static curve, and the link of its channels."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile as sf
from effect_runs import RATE, apply, decibels, mono_and_stereo, sine


@pytest.mark.parametrize(
    "level, threshold, ratio", [(-6, -18, 4), (0, -40, 10), (-12, -20, 2), (-3, -30, 1.5)]
)
@pytest.mark.parametrize("frequency", [100, 1_000, 5_000])
@mono_and_stereo
def test_compressor_static_curve(level, threshold, ratio, frequency, channels):
    samples = np.repeat(sine(frequency, level, 2 * RATE), channels, axis=1)
    entry = {"compressor": {"threshold_db": float(threshold), "ratio": float(ratio)}}
    settled = slice(RATE, None)
    gain = decibels(np.std(apply(entry, samples)[settled], axis=0) / np.std(samples[settled], axis=0))
    assert gain == pytest.approx(-(level - threshold) * (1 - 1 / ratio), abs=0.5)


def test_compressor_leaves_what_is_below_its_threshold():
    samples = sine(1_000, -19)
    assert np.array_equal(apply({"compressor": {"threshold_db": -18.0}}, samples), samples.astype(np.float32))


@pytest.mark.parametrize("left, right", [(-6, -26), (-30, -3), (-4, -4.5), (0, -90)])
@pytest.mark.parametrize("hertz", [(220, 3_000), (1_000, 1_000)])
def test_the_image_stays_where_it_is(left, right, hertz):
    """Both channels have the gain of the louder one: by the static curve, and as ffmpeg links them."""
    samples = np.hstack([sine(f, level, 2 * RATE) for f, level in zip(hertz, (left, right), strict=True)])
    result = apply({"compressor": {"threshold_db": -20.0, "ratio": 4.0}}, samples)
    settled = slice(RATE, None)
    gains = decibels(np.std(result[settled], axis=0) / np.std(samples[settled], axis=0))
    assert gains == pytest.approx([-(max(left, right) + 20) * 0.75] * 2, abs=0.5)
    assert abs(gains[1] - gains[0]) < 0.1
    heard = (np.abs(samples) > 1e-6).all(axis=1)  # at every instant, also while the gain moves
    each = result[heard] / samples[heard]
    assert np.allclose(each[:, 0], each[:, 1], rtol=1e-5)


def test_ffmpeg_links_channels_alike(needs, tmp_path):
    samples = np.hstack([sine(220, -3, 2 * RATE), sine(3_000, -23, 2 * RATE)])
    sf.write(tmp_path / "in.wav", samples, RATE, "FLOAT")
    curve = f"acompressor=threshold={10 ** (-20 / 20)}:ratio=4:attack=1:release=100:knee=1:detection=peak"
    for link in (True, False):
        each = f"channelsplit[l][r];[l]{curve}[a];[r]{curve}[b];[a][b]join=inputs=2:channel_layout=stereo"
        chain = f"{curve}:link=maximum" if link else each
        command = [needs("ffmpeg"), "-v", "error", "-y", "-i", tmp_path / "in.wav", "-filter_complex", chain]
        subprocess.run([*command, "-c:a", "pcm_f32le", tmp_path / "out.wav"], check=True)
        theirs, _ = sf.read(tmp_path / "out.wav")
        ours = apply({"compressor": {"threshold_db": -20.0, "ratio": 4.0, "link": link}}, samples)
        settled = slice(RATE, None)
        gains = [
            decibels(np.std(x[settled], axis=0) / np.std(samples[settled], axis=0)) for x in (ours, theirs)
        ]
        assert gains[0] == pytest.approx(gains[1], abs=1)


def test_one_channel_and_two_equal_ones_are_as_without_a_link():
    samples = sine(440, -3) * np.linspace(0, 1, RATE)[:, None]
    samples[:1_000] = -0.0
    for channels in (1, 2):
        same = np.repeat(samples, channels, axis=1)
        linked, single = (
            apply({"compressor": {"threshold_db": -30.0, "link": link}}, same) for link in (True, False)
        )
        assert linked.tobytes() == single.tobytes()
