"""Drop-outs and clicks, put into samples on purpose."""

from __future__ import annotations

import numpy as np
import soundfile as sf

from stemwright.gates import Subject, make, verify

RATE = 48_000
SECONDS = np.arange(4 * RATE) / RATE


def tone(level_db=-12.0, hertz=220.0):
    """Four seconds of a stereo sine, its RMS as given."""
    return np.repeat(
        10 ** (level_db / 20) * np.sqrt(2) * np.sin(2 * np.pi * hertz * SECONDS)[:, None], 2, axis=1
    )


def judge(path, gate, samples, kind="processed", boundaries=(10**9,), **limits):
    """Checks, by name, of samples by one gate."""
    sf.write(path, samples, RATE, "FLOAT")
    subject = Subject(str(path), kind, {}, {"boundaries": boundaries})
    return {check.id: check for check in verify(subject, make({gate: limits})).checks}


def fed(meter, samples, block):
    meter.start(RATE, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.feed(samples[start : start + block])
    return meter.found


def holed(samples, ms, at=100_000, channels=slice(None)):
    samples = samples.copy()
    samples[at : at + round(ms / 1000 * RATE), channels] = 0
    return samples


def stepped(samples, height, at=96_000):
    samples = samples.copy()
    samples[at:] += height
    return samples


def spliced(samples, at=96_000, leave=1_277):
    return np.concatenate((samples[:at], samples[at + leave :]))


def spiked(samples, height=0.2, at=96_000, channel=0):
    samples = samples.copy()
    samples[at, channel] += height
    return samples
