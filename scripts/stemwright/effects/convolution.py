"""A convolution with an impulse response from a file."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import gcd
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Stream, as_channels, copies, resample
from stemwright.audio.convolution import convolved
from stemwright.audio.decoders import programs_for
from stemwright.audio.reader import RATES
from stemwright.base.errors import StemwrightError
from stemwright.effects._base import Effect, added, scaled
from stemwright.effects._reach import Reach
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import round_half_up
from stemwright.validation.fields import Field

_LONGEST_S = 60.0
_HELD = 5  # as much memory as the response takes, see `convolved`
_RINGING = 2048  # frames of the file in which the resampler's filter has died away


@dataclass(frozen=True)
class Convolution(Effect):
    """A convolution with an impulse response: the sound of a room, a plate, a loudspeaker. A mono response is for all
    channels, a stereo one for each its own; in mono, the mean of its channels. It is resampled to the session's rate.
    """

    example = "{file: impulses/hall.wav, wet_level: 0.3, dry_level: 1, pre_delay_ms: 20}"
    adds_frequencies = False
    sum_law = "linear"

    file: Annotated[
        str,
        Field("Path of the impulse response, from the working directory, at most 60 s long.", min_length=1),
    ]
    wet_level: Annotated[float, Field("Level of the convolved sound.", ge=0, le=1, automatable=True)] = 1.0
    dry_level: Annotated[
        float, Field("Level of the direct sound; 1 leaves it unchanged.", ge=0, le=1, automatable=True)
    ] = 0.0
    pre_delay_ms: Annotated[float, Field("Delay of the convolved sound.", "ms", ge=0, le=1_000)] = 0.0
    normalize: Annotated[
        bool,
        Field("Scale the response so that white noise keeps its level in the louder channel."),
    ] = True

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("file",), self.file)]

    def libraries(self) -> dict[str, str]:
        return programs_for(os.path.expanduser(self.file))

    def reach(self, context: RenderContext) -> Reach:
        longest = _LONGEST_S + self.pre_delay_ms / 1_000  # how long its file is, its job will know
        margin = math.ceil(_RINGING * max(1.0, context.rate / RATES[0]))
        return Reach(math.ceil(longest * context.rate) + margin, margin)

    def held_bytes(self, context: RenderContext) -> int:
        path = os.path.expanduser(self.file)
        written = os.path.getsize(path) // 2 if os.path.isfile(path) else 0  # samples, of 16 bits or more
        longest = round(_LONGEST_S * context.rate) * context.channels
        return _HELD * 8 * min(written * context.channels, longest)

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        impulse_response, lead = self._impulse_response(context)
        start = round_half_up(Fraction(self.pre_delay_ms) * context.rate / 1000)
        response = np.zeros((start + len(impulse_response), context.channels))
        response[start:] = impulse_response
        wet_level, dry_level = (self.curve_of(name, context) for name in ("wet_level", "dry_level"))
        if wet_level.constant is not None and dry_level.constant is not None:
            response *= wet_level.constant
            response[lead] += dry_level.constant
            return convolved(blocks, response, lead)
        heard, direct = copies(blocks)
        return added(scaled(direct, dry_level), scaled(convolved(heard, response, lead), wet_level))

    def _impulse_response(self, context: RenderContext) -> tuple[np.ndarray, int]:
        """Read the impulse response.

        Parameters
        ----------
        context : RenderContext
            The render context.

        Returns
        -------
        numpy.ndarray
            The response at the rate and with the channels of the context, of shape (frames, channels).
        int
            The frame of it that adds no delay. Those before it are the ringing of the resampler's linear-phase filter.
        """
        with AudioFile(context.files["file"]) as file:
            seconds = file.frames / file.rate
            if seconds > _LONGEST_S:
                raise StemwrightError(
                    f"{file.path}: is {seconds:,.1f} s long; expected an impulse response of at most {_LONGEST_S:g} s"
                )
            step = file.rate // gcd(file.rate, context.rate)  # a whole number of frames at both rates
            margin = 0 if file.rate == context.rate else -(-_RINGING // step) * step
            silence = np.zeros((margin, file.channels))
            heard = as_channels(chain([silence], file.blocks(), [silence]), context.channels)
            frames = file.frames + 2 * margin
            resampled = resample(heard, frames, context.channels, file.rate, context.rate)
            # A response is a density in time: at twice the rate, each sample has half the weight.
            response = np.concatenate(list(resampled)) * (file.rate / context.rate)
            energy = np.sum(response**2, axis=0).max()
            if not energy:
                raise StemwrightError(f"{file.path}: is silent; expected an impulse response")
            if self.normalize:
                response /= np.sqrt(energy)
            return response, margin * context.rate // file.rate
