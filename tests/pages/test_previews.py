"""Previews: whole chunks, in time, the same bytes each time, and never over the budget."""

import base64
import io
import subprocess

import numpy as np
import pytest
import soundfile as sf

from stemwright.pages.previews import BYTES_A_MINUTE, Encoder, chunk_spans, chunks, preview_rate

RATE = 24_000


def decoded(text):
    return sf.read(io.BytesIO(base64.b64decode(text)), always_2d=True)


def plucks(seconds, channels=2, seed=1):
    """Decaying tones at odd places, otherwise in each channel."""
    rng = np.random.default_rng(seed)
    frames = round(seconds * RATE)
    sound = np.zeros((frames, channels))
    for start in range(0, frames - 100, 4_801):
        time = np.arange(frames - start) / RATE
        wave = np.exp(-8 * time) * np.sin(2 * np.pi * rng.uniform(100, 4_000) * time)
        sound[start:] += wave[:, None] * rng.uniform(-0.3, 0.3, channels)
    return sound


def likeness(a, b):
    return float(np.vdot(a, b) / np.sqrt(np.vdot(a, a) * np.vdot(b, b)))


@pytest.mark.parametrize(
    "rate, expected",
    [
        (48_000, 24_000),
        (44_100, 22_050),
        (96_000, 24_000),
        (192_000, 24_000),
        (32_000, 16_000),
        (8_000, 8_000),
    ],
)
def test_the_rate_is_a_whole_part(rate, expected):
    assert preview_rate(rate) == expected


@pytest.mark.parametrize("block", [1_000, 7_919, 1 << 16])
def test_chunks_overlap_and_leave_nothing_out(block):
    rate, frames = 100, 2_777  # 27.77 s
    sound = np.arange(frames * 2.0).reshape(frames, 2)
    blocks = (sound[at : at + block] for at in range(0, frames, block))
    found = list(chunks(blocks, frames, rate))
    assert chunk_spans(frames, rate) == [(0, 1_005), (995, 2_005), (1_995, 2_777)]
    assert all(
        np.array_equal(chunk, sound[a:b])
        for chunk, (a, b) in zip(found, chunk_spans(frames, rate), strict=True)
    )


def test_a_chunk_is_in_time_to_the_frame_and_like_the_source(tmp_path, needs):
    sound = plucks(2.0)
    text = Encoder(RATE).encode(sound)
    samples, rate = decoded(text)
    (tmp_path / "a.ogg").write_bytes(base64.b64decode(text))
    command = [needs("ffmpeg"), "-v", "error", "-i", tmp_path / "a.ogg", "-f", "f64le", "-"]
    theirs = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout).reshape(-1, 2)
    for found in (samples, theirs):
        assert (rate, found.shape) == (RATE, sound.shape)
        assert likeness(sound, found) > 0.99
        late = [likeness(sound[50:-50], found[50 + lag : len(found) - 50 + lag]) for lag in range(-50, 50)]
        assert int(np.argmax(late)) == 50


def test_the_same_sound_has_the_same_bytes_and_equal_channels_are_one():
    sound = plucks(0.5)
    assert Encoder(RATE).encode(sound) == Encoder(RATE).encode(sound.copy())
    mono = np.repeat(sound[:, :1], 2, axis=1)
    assert decoded(Encoder(RATE).encode(mono))[0].shape == (len(sound), 1)
    silent, _ = decoded(Encoder(RATE).encode(np.zeros((RATE, 2))))
    assert silent.shape == (RATE, 1) and not silent.any()


@pytest.mark.parametrize("kind", ["white", "square", "bursts", "over full scale"])
def test_no_sound_is_over_the_budget(kind):
    noise = np.random.default_rng(1).normal(0, 0.3, (4 * RATE, 2))
    sound = {
        "white": noise,
        "square": np.sign(noise),
        "bursts": noise * (np.arange(len(noise)) // 600 % 2)[:, None],
        "over full scale": 30 * noise,
    }[kind]
    text = Encoder(RATE).encode(sound)
    assert len(text) <= BYTES_A_MINUTE * 4 / 60
    samples, _ = decoded(text)
    assert samples.shape == sound.shape and likeness(sound, samples) > 0.3


def test_of_a_short_sound_the_head_counts_little():
    samples, _ = decoded(Encoder(RATE).encode(plucks(0.05)))
    assert len(samples) == 0.05 * RATE
