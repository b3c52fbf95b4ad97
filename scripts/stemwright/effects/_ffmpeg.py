"""The base of effects that ffmpeg does, on the machinery of `insert`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

import numpy as np

from stemwright.audio import Stream
from stemwright.audio.decoders import INSTALL_FFMPEG
from stemwright.base.programs import NOT_INSTALLED, ffmpeg_version
from stemwright.effects._base import Effect
from stemwright.effects.insert import Insert
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_OUTPUT = ("-rf64", "auto", "-bitexact", "-c:a", "pcm_f32le", "{output}")
_BYTES = 4  # a sample
_HEADER = 1_000_000  # bytes, more than a header
_PROBE_S, _PROBE_TIMEOUT_S = 0.5, 60.0


@dataclass(frozen=True)
class FfmpegEffect(Effect):
    """Base of an effect by a filter of ffmpeg, in 32-bit float, in one thread.

    `lowest_rate` is the sample rate in Hz below which the filter does little.
    """

    lowest_rate: ClassVar[int] = 0

    timeout_s: Annotated[float, Field("Maximum run time of ffmpeg.", "s", gt=0, le=86_400)] = 3_600.0

    def libraries(self) -> dict[str, str]:
        return {"ffmpeg": ffmpeg_version()}

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        if ffmpeg_version() == NOT_INSTALLED:
            yield (), f"needs ffmpeg, which is not installed here: {INSTALL_FFMPEG}"

    def check(self, context: RenderContext) -> None:
        if context.rate < self.lowest_rate:
            raise ValueError(
                f"needs a sample rate of {self.lowest_rate:,} Hz, at which it finds what it is to remove "
                f"(session.sample_rate is {context.rate:,})"
            )

    def filtered(self, audio_filter: str, blocks: Stream, context: RenderContext) -> Stream:
        """A stream through a filter of ffmpeg, whose latency is compensated.

        Parameters
        ----------
        audio_filter : str
            The filter as ffmpeg writes it, without braces.
        blocks : Stream
            The stream, of shape (frames, channels).
        context : RenderContext
            Its rate, channels and frames are used.

        Yields
        ------
        numpy.ndarray
            Blocks of as many frames as the context has.
        """
        return _run(audio_filter, _latency(audio_filter, context.rate), self.timeout_s, blocks, context)


def _run(audio_filter: str, latency: int, timeout_s: float, blocks: Stream, context: RenderContext) -> Stream:
    """A stream through a filter that is so many frames late."""
    quiet = ("ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-filter_threads", "1")
    size = (context.frames + latency) * context.channels * _BYTES + _HEADER
    program = Insert(
        argv=[*quiet, "-i", "{input}", "-af", audio_filter, *_OUTPUT],
        timeout_s=timeout_s,
        limit_mb=-(-size // 1_000_000),
        latency_samples=latency,
        repeatable=False,  # it is, by its tests: once is enough
    )
    return program.process(blocks, context)


@cache
def _latency(audio_filter: str, rate: int) -> int:
    """How many frames late a filter is, by where noise comes out. Versions of ffmpeg differ."""
    frames = round(_PROBE_S * rate)
    probe = np.random.default_rng(0).normal(0, 0.1, (frames, 1))
    heard = list(_run(audio_filter, 0, _PROBE_TIMEOUT_S, iter([probe]), RenderContext(rate, 1, frames)))
    spectra = [np.fft.rfft(sound[:, 0], 2 * frames) for sound in (np.concatenate(heard), probe)]
    return int(np.argmax(np.fft.irfft(spectra[0] * spectra[1].conj())[:frames]))
