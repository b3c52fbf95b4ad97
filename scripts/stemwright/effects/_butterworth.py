"""Butterworth filters as cascades of second-order sections (scipy.signal.butter, sosfilt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from stemwright.audio import Spool, Stream
from stemwright.canvas import Canvas
from stemwright.effects._base import Effect
from stemwright.errors import StemwrightError
from stemwright.spec.keys import Key


@dataclass(frozen=True)
class Butterworth(Effect):
    """A filter that is maximally flat in its pass band."""

    shape: ClassVar[str]

    cutoff_hz: Annotated[float, Key("Where the response is 3 dB down (6 dB with zero_phase).", "Hz", ge=10, le=96_000)]
    order: Annotated[int, Key("Steepness: 6 dB an octave for each.", ge=1, le=16)] = 4
    zero_phase: Annotated[
        bool, Key("Filter forwards, then backwards: no phase shift, twice the steepness, but it rings before the sound.")
    ] = False

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        # Imported here: this costs more than all the rest of a job that does not filter.
        from scipy.signal import butter

        if self.cutoff_hz >= canvas.rate / 2:
            raise StemwrightError(
                f"{self.shape}pass: cutoff_hz must be below half the sample rate, {canvas.rate / 2:g} Hz (is {self.cutoff_hz:g})"
            )
        sections = butter(self.order, self.cutoff_hz, self.shape, fs=canvas.rate, output="sos")
        if not self.zero_phase:
            yield from _filtered(sections, blocks, canvas.channels)
            return
        ring = int(10 * self.order * canvas.rate / self.cutoff_hz)  # by then it has died away below 1e-12
        forward = Spool(canvas.channels, _filtered(sections, _with_silence(blocks, ring, canvas.channels), canvas.channels))
        backward = Spool(canvas.channels, _filtered(sections, forward.reversed_blocks(), canvas.channels))
        yield from backward.reversed_blocks()


def _filtered(sections: np.ndarray, blocks: Stream, channels: int) -> Stream:
    from scipy.signal import sosfilt

    state = np.zeros((len(sections), 2, channels))
    for block in blocks:
        filtered, state = sosfilt(sections, block, axis=0, zi=state)
        yield filtered


def _with_silence(blocks: Stream, frames: int, channels: int) -> Stream:
    yield from blocks
    yield np.zeros((frames, channels))
