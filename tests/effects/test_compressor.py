"""The compressor: its static curve, and the link of its channels."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile as sf
from effect_runs import RATE, apply, decibels, gains_of, keyed, mono_and_stereo, sine, square
from scipy import signal

from stemwright.effects import make


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


# --- closed forms: a square wave has one level at all times ----------------------------------------


def curve(level, threshold, ratio, knee):
    """Giannoulis, Massberg and Reiss (2012), eq. 4: the level that comes out."""
    over = level - threshold
    if 2 * over <= -knee:
        return level
    if 2 * over < knee:
        return level + (1 / ratio - 1) * (over + knee / 2) ** 2 / (2 * knee)
    return threshold + over / ratio


@pytest.mark.parametrize("level", [-60, -32, -29.9, -26, -20, -14, -10.1, -8, 0, 6])
@pytest.mark.parametrize("knee", [0, 1e-3, 6, 20])
@pytest.mark.parametrize("ratio, make_up", [(1, 0), (1.01, 3), (4, 0), (100, 12)])
def test_static_curve_with_a_knee_and_make_up_gain(level, knee, ratio, make_up):
    keys = {"ratio": float(ratio), "knee_db": float(knee), "make_up_db": float(make_up)}
    result = apply({"compressor": {"threshold_db": -20.0, **keys}}, square(level, RATE // 2))
    assert decibels(abs(result[-1, 0])) == pytest.approx(curve(level, -20, ratio, knee) + make_up, abs=1e-4)


@pytest.mark.parametrize("attack, release", [(1, 50), (30, 200), (100, 1_000)])
def test_times(attack, release):
    """Its envelope is JUCE's: in the attack time it covers 1 - exp(-2π) of a step, and so in the release time."""
    samples = square(-10, 3 * RATE)
    samples[:RATE] *= 10 ** (-30 / 20)
    samples[2 * RATE :] *= 10 ** (-10 / 20)
    keys = {"ratio": 100.0, "attack_ms": float(attack), "release_ms": float(release)}
    found = decibels(gains_of({"compressor": {"threshold_db": -40.0, **keys}}, samples)[:, 0])
    t = np.arange(1, RATE + 1) / RATE * 1_000
    low, high, middle = (10 ** (level / 20) for level in (-40, -10, -20))
    rising = high + (low - high) * np.exp(-2 * np.pi * t / attack)
    falling = middle + (high - middle) * np.exp(-2 * np.pi * t / release)
    expected = -(decibels(np.concatenate([rising, falling])) + 40) * 0.99
    assert np.allclose(found[RATE:], expected, rtol=0, atol=0.01)


def test_each_channel_has_its_own_gain_without_a_link():
    samples = np.hstack([square(-8), square(-16)])
    entry = {"compressor": {"threshold_db": -20.0, "ratio": 2.0}}
    assert gains_of(entry, samples).shape == (RATE, 1)
    entry["compressor"]["link"] = False
    assert decibels(gains_of(entry, samples)[-1]) == pytest.approx([-6, -2], abs=1e-4)


def test_with_a_key_its_own_level_does_not_matter(tmp_path):
    key = sine(300, -6) * (np.arange(RATE)[:, None] % 12_000 < 3_000)
    entry = {"compressor": {"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 5.0}}
    expected = gains_of(entry, key)
    assert expected.min() < 0.2
    for level in (-60, 0):
        samples = sine(1_000, level).astype(np.float32)
        assert np.allclose(keyed(entry, samples, key, tmp_path), samples * expected, rtol=0, atol=1e-12)


def test_the_key_is_a_stem_or_bus():
    assert make({"compressor": {"threshold_db": -20.0}}).side_chains() == []
    assert make({"compressor": {"threshold_db": -20.0, "key": "kick"}}).side_chains() == [(("key",), "kick")]


def test_a_sum_that_is_silent_for_a_moment_has_a_steady_gain():
    """Where stems cancel each other for one frame, their shares have no click."""
    samples = square(-10)
    samples[30_000] = 0
    found = gains_of({"compressor": {"threshold_db": -20.0, "ratio": 4.0}}, samples)[:, 0]
    assert found[29_990:30_010] == pytest.approx(10 ** (-7.5 / 20), rel=0.01)


# --- what moves, on a key of steady level: the gain is the static curve at every instant --------------

SWEEP = {  # key → points (s, value)
    "threshold_db": ((0.2, -30.0), (0.8, -15.0)),
    "ratio": ((0.2, 2.0), (0.8, 8.0)),
    "knee_db": ((0.2, 0.0), (0.8, 24.0)),
    "make_up_db": ((0.2, 0.0), (0.8, 9.0)),
}
STILL = {"threshold_db": -20.0, "ratio": 4.0, "knee_db": 10.0, "make_up_db": 3.0}


def moving(key):
    return STILL | {key: [{"at": f"{at} s", "value": value} for at, value in SWEEP[key]]}


def expected_db(key, seconds, level):
    """The gain at an instant by the static curve."""
    now = STILL | {key: np.interp(seconds, *zip(*SWEEP[key], strict=True))}
    return curve(level, now["threshold_db"], now["ratio"], now["knee_db"]) - level + now["make_up_db"]


@pytest.mark.parametrize("link", [True, False])
@pytest.mark.parametrize("key", SWEEP)
def test_the_static_curve_of_what_moves(key, link):
    levels = (-12, -20)
    samples = np.hstack([square(level) for level in levels])
    found = decibels(gains_of({"compressor": moving(key) | {"link": link}}, samples))
    for at in (0.1, 0.35, 0.5, 0.65, 0.9):
        expected = [expected_db(key, at, level) for level in levels]
        assert found[round(at * RATE)] == pytest.approx(expected[:1] if link else expected, abs=0.001)


@pytest.mark.parametrize("key", SWEEP)
def test_no_zipper_noise(key, tmp_path):
    """A sine at a gain that moves: nothing above -80 dB that is more than 200 Hz away from it."""
    result = keyed({"compressor": moving(key)}, sine(1_000, 0), square(-12), tmp_path)[:, 0]
    gain_db = np.array([expected_db(key, n / RATE, -12) for n in range(RATE)])
    difference = result - sine(1_000, 0)[:, 0] * 10 ** (gain_db / 20)
    assert np.abs(difference[RATE // 10 :]).max() < 1e-6  # after the attack
    frequencies, _, found = signal.stft(
        result, RATE, ("kaiser", 16), 4_096, 3_584, boundary=None, padded=False
    )
    levels = decibels(np.abs(found).max(axis=1) / np.abs(found).max())
    assert levels[np.abs(frequencies - 1_000) > 200].max() < -80
    assert np.ptp(decibels(np.abs(found).max(axis=0))) > 0.2


def test_times_may_move():
    """A release time that goes from 50 ms to 1 s while the envelope falls from -10 dB to -30 dB."""
    samples = square(-10)
    samples[RATE // 2 :] *= 10 ** (-20 / 20)
    points = [{"at": "0.5 s", "value": 50.0}, {"at": "0.6 s", "value": 1_000.0}]
    keys = {"threshold_db": -40.0, "ratio": 100.0, "release_ms": points}
    found = decibels(gains_of({"compressor": keys}, samples)[RATE // 2 :, 0])
    release = np.interp(np.arange(RATE // 2) / RATE, [0, 0.1], [50, 1_000])
    fallen = np.exp(-np.cumsum(2 * np.pi * 1_000 / RATE / release))
    low, high = (10 ** (level / 20) for level in (-30, -10))
    assert np.allclose(found, -(decibels(low + (high - low) * fallen) + 40) * 0.99, rtol=0, atol=0.05)
