"""The effects by ffmpeg: noise, clicks and clipping are taken away, and the rest is kept, on its frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from effect_runs import apply

from stemwright.audio import decoders
from stemwright.effects import make
from stemwright.effects.mid_side import MidSide
from stemwright.music.render_context import RenderContext

RATE = 44_100


@pytest.fixture(autouse=True)
def ffmpeg(needs):
    return needs("ffmpeg")


@pytest.fixture(autouse=True)
def rng():
    global RNG
    RNG = np.random.default_rng(3)


def level(samples):
    return 10 * np.log10(np.mean(samples**2))


def voice(seconds, rate=RATE):
    """Vowels on a gliding pitch, four a second, with pauses; and where they sound, and where they do not."""
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(120 + 8 * np.sin(2 * np.pi * 0.7 * t)) / rate
    sound = np.zeros(len(t))
    for k in range(1, 29):
        formants = ((500, 400, 1.0), (1_500, 300, 0.5), (2_500, 400, 0.2))
        sound += sum(g * np.exp(-(((120 * k - hz) / wide) ** 2)) for hz, wide, g in formants) * np.cos(
            k * phase + 2.0 * k * k
        )
    syllables = np.sqrt(np.clip(np.sin(8 * np.pi * t), 0, 1)) * (t % 1 < 0.55)
    return (0.1 * sound * syllables)[:, None], syllables > 0.3, t % 1 > 0.65


def noise_of(colour, frames, level_db):
    spectrum = np.fft.rfft(RNG.standard_normal(frames))
    hertz = np.maximum(np.fft.rfftfreq(frames, 1 / RATE), 20)
    sound = np.fft.irfft(spectrum / hertz ** {"white": 0, "pink": 0.5, "brown": 1}[colour], frames)
    return (10 ** (level_db / 20) * sound / sound.std())[:, None]


@pytest.mark.parametrize("colour", ["white", "pink", "brown"])
def test_denoise(colour):
    speech, sounds, pauses = voice(2)
    noise = noise_of(colour, len(speech), -50)
    before = speech + noise
    after = apply({"denoise": {"reduction_db": 20}}, before, rate=RATE)
    assert level(after[pauses]) - level(before[pauses]) < -10
    assert abs(level(after[sounds]) - level(before[sounds])) < 0.2
    assert level((after - speech)[sounds]) < level(noise[sounds])  # a frame late, it would be 14 dB above


@pytest.mark.parametrize("colour", [None, "white"])
def test_de_click(colour):
    """Of a sine, and of a voice with a little noise, that scatter by up to three frames."""
    sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)[:, None]
    if colour:
        sound = voice(2)[0] + noise_of(colour, 2 * RATE, -60)
    clicks = np.zeros_like(sound)
    for at in RNG.integers(RATE // 10, len(sound) - RATE // 10, 10):
        clicks[at : at + RNG.integers(1, 4)] += RNG.choice([-1, 1]) * RNG.uniform(0.2, 0.8)
    left = apply({"de_click": {}}, sound + clicks, rate=RATE) - sound
    assert level(left) - level(clicks) < -20
    kept = apply({"de_click": {}}, sound, rate=RATE) - sound
    assert level(kept) - level(sound) < -35


def thd_db(samples, hertz):
    """The power of harmonics over that of the fundamental, of whole periods in a Hann window."""
    powers = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples)))) ** 2
    bins = [round(k * hertz * len(samples) / RATE) for k in range(1, 12)]
    first, *others = (powers[at - 2 : at + 3].sum() for at in bins)
    return 10 * np.log10(sum(others) / first)


def test_de_clip():
    """A sine that is clipped at 95 %: its crest and its purity come back."""
    sine = np.sin(2 * np.pi * 437 * np.arange(RATE // 2) / RATE)[:, None]
    clipped = 0.5 * np.clip(sine, -0.95, 0.95)
    inner = slice(RATE // 8, -RATE // 8)
    restored = apply({"de_clip": {}}, clipped, rate=RATE)[inner]
    assert np.abs(restored).max() == pytest.approx(0.5, rel=0.005)
    assert thd_db(clipped[inner], 437) > -35 and thd_db(restored, 437) < -55
    assert level(restored - 0.5 * sine[inner]) < level(0.5 * sine[inner]) - 45


def test_de_clip_of_a_voice():
    speech = voice(1)[0] + 1e-4 * RNG.standard_normal((RATE, 1))
    top = 0.8 * np.abs(speech).max()
    clipped = np.clip(speech, -top, top)
    restored = apply({"de_clip": {}}, clipped, rate=RATE)
    assert level(restored - speech) < level(clipped - speech) - 10
    assert np.abs(apply({"de_clip": {}}, speech, rate=RATE) - speech).max() < 1e-7  # nothing was clipped


@pytest.mark.long
@pytest.mark.parametrize("name", ["denoise", "de_click", "de_clip"])
def test_twice_the_same(name):
    speech = np.repeat(voice(1)[0], 2, axis=1) + RNG.normal(0, 0.003, (RATE, 2))
    for one, other in pairwise(apply({name: {}}, speech, rate=RATE) for _ in range(3)):
        assert np.array_equal(one, other)


@pytest.mark.long
@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_denoise_is_not_late(rate):
    sound = np.random.default_rng(1).standard_normal((rate, 1)) * np.hanning(rate)[:, None] ** 4
    result = apply({"denoise": {"reduction_db": 1}}, sound, rate=rate)
    likeness = np.fft.irfft(np.fft.rfft(result[:, 0]) * np.fft.rfft(sound[:, 0]).conj())
    assert np.argmax(likeness) == 0


def test_a_pause_that_was_cut_out_tells_of_no_noise():
    """Half of the pauses are digital silence: the noise is learnt from the others."""
    speech, _, pauses = voice(2)
    before = speech + noise_of("white", len(speech), -50)
    before[: RATE // 4] = 0
    before[RATE + 3 * RATE // 4 :] *= 0
    after = apply({"denoise": {"reduction_db": 20}}, before, rate=RATE)
    heard = pauses & (before[:, 0] != 0)
    assert level(after[heard]) - level(before[heard]) < -10


@pytest.mark.parametrize("name", ["de_click", "de_clip"])
def test_sample_rates_at_which_they_do_little(name):
    with pytest.raises(ValueError, match="needs a sample rate of 44,100 Hz"):
        make({name: {}}).check(RenderContext(32_000, 1, 100))


def test_where_ffmpeg_is_missing(monkeypatch):
    told = "needs ffmpeg, which is not installed here: apt install ffmpeg (Debian, Ubuntu)"
    effect, inside = make({"denoise": {}}), MidSide(mid=[{"de_click": {}}])
    assert list(effect.lacks()) == [] and effect.libraries()["ffmpeg"] != "not installed"
    monkeypatch.setattr(decoders, "ffmpeg_version", decoders.ffmpeg_version.__wrapped__)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("stemwright.effects._ffmpeg.ffmpeg_version", decoders.ffmpeg_version)
    assert list(effect.lacks()) == [((), told)] and effect.libraries() == {"ffmpeg": "not installed"}
    assert list(inside.lacks()) == [(("mid", 0, "de_click"), told)]
