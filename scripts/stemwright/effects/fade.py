"""Fade: in from silence at the song's start, out to silence at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.effects._base import Effect
from stemwright.ramps import ramp
from stemwright.spec.keys import Key
from stemwright.timeline import Duration, parse_duration, round_half_up


@dataclass(frozen=True)
class Fade(Effect):
    """Fade in at the start of the song, out at its end."""

    fade_in: Annotated[str, Key("Length of the fade at the song's start.", parse=parse_duration)] = "0 s"
    fade_out: Annotated[str, Key("Length of the fade at the song's end.", parse=parse_duration)] = "0 s"
    curve: Annotated[
        Literal["cosine", "linear"], Key("Cosine is smooth at both ends; linear is straight in amplitude.")
    ] = "cosine"

    @property
    def in_time(self) -> bool:
        return parse_duration(self.fade_in).is_musical or parse_duration(self.fade_out).is_musical

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        fade_in, fade_out = (parse_duration(v) for v in (self.fade_in, self.fade_out))
        head, tail = _head(fade_in, canvas), _tail(fade_out, canvas)
        at = 0
        for block in blocks:
            n = np.arange(at, at + len(block))
            gain = ramp(n, head, self.curve) * ramp(canvas.frames - 1 - n, tail, self.curve)
            yield block * gain[:, None]
            at += len(block)


def _head(length: Duration, canvas: Canvas) -> int:
    if length.is_musical:
        return canvas.timeline.length_frames(length)
    return round_half_up(length.seconds * canvas.rate)


def _tail(length: Duration, canvas: Canvas) -> int:
    """The frames of a length that ends with the song; its bars and beats are of the end's meter."""
    if not length.is_musical:
        return _head(length, canvas)
    tempo, end = canvas.timeline.tempo, canvas.timeline.end
    meter = tempo.meter(end)
    quarters = length.bars * meter.bar_quarters + length.beats * meter.beat_quarters + 4 * length.notes
    start = tempo.seconds(end - quarters) - length.seconds
    return canvas.frames - round_half_up(start * canvas.rate)
