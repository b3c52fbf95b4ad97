"""Samples through one effect."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

from stemwright.effects import Chain, make
from stemwright.music.component import role
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)

RATE = 48_000
mono_and_stereo = pytest.mark.parametrize("channels", [1, 2])


def decibels(ratio):
    return 20 * np.log10(ratio)


def noise(frames, channels=2, level=0.3):
    return np.random.default_rng(7).normal(0, level, (frames, channels))


def sine(frequency, level_db, frames=RATE, rate=RATE, phase=0.0):
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * np.arange(frames)[:, None] / rate + phase)


def square(level_db, frames=RATE):
    """A square wave, whose level is the same at all times."""
    return 10 ** (level_db / 20) * np.where(np.arange(frames)[:, None] % 100 < 50, 1.0, -1.0)


def song(bars, rate, changes=((1, 120, "4/4"),)):
    tempo = TempoMap(
        [TempoChange(bar, parse_bpm(bpm), parse_time_signature(meter)) for bar, bpm, meter in changes]
    )
    return Timeline.build(rate, tempo, parse_duration(f"{bars} bars"), [])


def apply(entry, samples, frames=None, rate=RATE, lengths=(), timeline=None, files=None):
    """The samples, in blocks of these lengths and the rest, through one effect over so many frames."""
    frames = len(samples) if frames is None else frames
    chain = Chain([make(entry)])
    files = files or {role(where): path for where, path in chain.input_files()}
    context = RenderContext(rate, samples.shape[1], frames, timeline=timeline or song(1, rate), files=files)
    blocks = np.split(samples, np.cumsum(lengths, dtype=int)) if len(lengths) else [samples]
    return np.concatenate(list(chain.process(iter(blocks), context)))


def gains_of(entry, samples, rate=RATE):
    """The gain curve of an effect for the samples, which are its key too."""
    context = RenderContext(rate, samples.shape[1], len(samples))
    return np.concatenate(list(make(entry).gains(iter([samples]), context)))


def keyed(entry, samples, key, folder, rate=RATE):
    """The samples through one effect that listens to others, which are saved in a folder."""
    ((kind, keys),) = entry.items()
    sf.write(folder / "key.wav", key, rate, "DOUBLE")
    files = {f"0.{kind}.key": str(folder / "key.wav")}
    return apply({kind: keys | {"key": "other"}}, samples, rate=rate, files=files)
