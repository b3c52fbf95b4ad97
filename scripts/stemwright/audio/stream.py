"""Streams of blocks: fitting to a length, channels, sample rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

BLOCK = 1 << 16
"""Frames read or made at a time: 0.5 MB a channel, so that Python's share of the work is small."""

Stream = Iterator[np.ndarray]


def fit(blocks: Iterable[np.ndarray], frames: int, channels: int) -> Stream:
    """Cut a stream, or pad it with silence, to exactly `frames`; empty blocks are dropped."""
    left = frames
    for block in blocks:
        if left <= 0:
            break
        if len(block):
            yield block[:left]
            left -= min(left, len(block))
    while left > 0:
        size = min(BLOCK, left)
        yield np.zeros((size, channels))
        left -= size


def reblock(blocks: Iterable[np.ndarray], size: int = BLOCK) -> Stream:
    """The same stream in blocks of `size` frames, but for the last; empty blocks are dropped."""
    held: list[np.ndarray] = []
    count = 0
    for block in blocks:
        while count + len(block) >= size:
            cut = size - count
            yield np.concatenate([*held, block[:cut]])
            held, count, block = [], 0, block[cut:]
        if len(block):
            held.append(block)
            count += len(block)
    if held:
        yield np.concatenate(held)


def as_channels(blocks: Iterable[np.ndarray], channels: int) -> Stream:
    """Mono to both sides of stereo at the same level; stereo to mono as the mean of its sides."""
    for block in blocks:
        if block.shape[1] == channels:
            yield block
        elif channels == 1:
            yield block.mean(axis=1, keepdims=True)
        else:
            yield np.repeat(block, channels, axis=1)


def resampled_frames(frames: int, source_rate: int, rate: int) -> int:
    """How many frames `resample` gives for so many: the nearest integer, halves upwards."""
    return (2 * frames * rate + source_rate) // (2 * source_rate)


def resample(blocks: Iterable[np.ndarray], frames: int, channels: int, source_rate: int, rate: int) -> Stream:
    """Change the sample rate of a stream of `frames` (soxr, very high quality, linear phase, no delay)."""
    if source_rate == rate:
        yield from blocks
        return
    import soxr

    resampler = soxr.ResampleStream(source_rate, rate, channels, dtype="float64", quality="VHQ")

    def converted() -> Stream:
        for block in blocks:
            yield resampler.resample_chunk(np.ascontiguousarray(block))
        yield resampler.resample_chunk(np.zeros((0, channels)), last=True)

    yield from fit(converted(), resampled_frames(frames, source_rate, rate), channels)
