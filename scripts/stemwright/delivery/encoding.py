"""Encoding: a sound becomes a file in the format of a delivery, below its ceiling even after a codec."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stemwright.audio import Stream, as_channels, fit, resample, resampled_frames, without_start
from stemwright.audio.encoders import Form, encoder_of
from stemwright.base.decibels import amplitude
from stemwright.base.errors import StemwrightError
from stemwright.measure import measure
from stemwright.measure.true_peak import TruePeak

_TRIES = 8
_MARGIN_DB = 0.02
_SWING_FRAMES = 8192  # more than half the filter of soxr at any ratio that is used
_SIDES = {"L": 0, "R": 1}


@dataclass(frozen=True)
class Sound:
    """What is to be encoded: a stream that can be read again, its rate in Hz, its channels, and its frames.

    `is_loop` is true if its end meets its start.
    """

    blocks: Callable[[], Stream]
    rate: int
    channels: int
    frames: int
    is_loop: bool = False


def converted(sound: Sound, rate: int, channels: int | str) -> Sound:
    """A sound in other channels, and at another rate.

    Parameters
    ----------
    sound : Sound
        The sound.
    rate : int
        The sample rate wanted, in Hz.
    channels : int or str
        1 (of stereo, the mean of both), 2, or L or R alone.

    Returns
    -------
    Sound
        Its length is that of the sound times the ratio of the rates, rounded to the nearest frame. A loop is resampled
        in a circle, so that its end meets its start as before.
    """
    count = 1 if channels in _SIDES else int(channels)

    def blocks() -> Stream:
        before, after = _lead(sound, rate)
        stream = _wrapped(sound, before) if before else sound.blocks()
        if channels in _SIDES:
            stream = (block[:, [_SIDES[str(channels)]]] for block in stream)
        stream = as_channels(stream, count)
        resampled = resample(stream, sound.frames + 2 * before, count, sound.rate, rate)
        return _part(resampled, after, frames, count) if before else resampled

    frames = resampled_frames(sound.frames, sound.rate, rate)
    return Sound(blocks, rate, count, frames, sound.is_loop)


def _lead(sound: Sound, rate: int) -> tuple[int, int]:
    """How many frames of a loop are heard before its start and after its end, at its own rate and at another.

    Both are whole numbers, and long enough for the filter of the resampler to swing in; none if it is no loop.
    """
    if not sound.is_loop or rate == sound.rate:
        return 0, 0
    common = math.gcd(sound.rate, rate)
    unit = sound.rate // common
    count = min(-(-_SWING_FRAMES // unit), sound.frames // unit)
    return count * unit, count * (rate // common)


def _wrapped(sound: Sound, lead: int) -> Stream:
    """A loop with its own end before it, and its own start after it."""
    yield from _part(sound.blocks(), sound.frames - lead, lead, sound.channels)
    yield from sound.blocks()
    yield from _part(sound.blocks(), 0, lead, sound.channels)


def _part(blocks: Stream, start: int, frames: int, channels: int) -> Stream:
    """So many frames of a stream, from `start` on. What is after them is not read."""
    return fit(without_start(blocks, start), frames, channels)


def encode(path: str, part: Path, sound: Sound, encoding: Mapping, seed: int) -> float:
    """Write a sound in the format of a delivery. Where a codec or a resampler raises peaks, it is turned down.

    Parameters
    ----------
    path : str
        The file as messages name it.
    part : Path
        The file that is written.
    sound : Sound
        The sound.
    encoding : mapping
        The format, as `DeliveryFormat.encoding` makes it. With `ceiling_dbtp`, what was written is decoded, and the
        gain lowered until its true peak is at most so high: each time by the excess and a little more.
    seed : int
        The seed of the dither.

    Returns
    -------
    float
        By how many dB it was turned down.

    Raises
    ------
    StemwrightError
        If it cannot be written, or no gain that was tried brings it under the ceiling.
    """
    encoder = encoder_of(encoding["container"])
    rate, channels = encoding.get("sample_rate", sound.rate), encoding.get("channels", sound.channels)
    sound = converted(sound, rate, channels)
    form = Form(
        sound.rate,
        sound.channels,
        sound.frames,
        encoding.get("subtype", ""),
        encoding.get("bitrate_kbps"),
        encoding.get("quality"),
        seed,
    )
    ceiling = encoding.get("ceiling_dbtp")
    lowered = 0.0
    for tried in range(_TRIES):
        blocks = _turned_down(sound.blocks(), lowered) if lowered else sound.blocks()
        encoder.write(path, part, blocks, form)
        over = _excess(part, ceiling)
        if over <= 0:
            return lowered
        lowered = round(lowered + over + _MARGIN_DB * (1 + tried), 2)
    raise StemwrightError(
        f"{path}: its true peak after the codec is still {over:.2f} dB above {ceiling:g} dBTP when turned down by "
        f"{lowered:.2f} dB: choose a higher bit rate or quality, or lower master.limiter.ceiling_db"
    )


def _excess(part: Path, ceiling: float | None) -> float:
    """By how many dB the true peak of a file is over a ceiling, as its gate will judge it; 0 without a ceiling."""
    if ceiling is None:
        return 0.0
    meter = TruePeak()
    measure(str(part), [meter])
    return 0.0 if meter.true_peak is None else round(meter.true_peak, 2) - ceiling


def _turned_down(blocks: Stream, by_db: float) -> Stream:
    factor = np.float64(amplitude(-by_db))
    for block in blocks:
        yield block * factor
