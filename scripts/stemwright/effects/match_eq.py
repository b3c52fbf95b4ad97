"""An equaliser that gives a sound the spectrum of a recording."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Spool, Stream, as_channels, resample
from stemwright.audio.convolution import convolved
from stemwright.audio.decoders import missing_program, programs_for
from stemwright.audio.power_spectrum import PowerSpectrum
from stemwright.base.errors import StemwrightError
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_WINDOW_S = 0.34  # of the spectra; the filter rings for half of it before and after a sound
_POINTS = 48  # in an octave, at which the two are compared
_FLOOR = 1e-12  # power in a band, relative to the loudest, that stands for none
_KNOWN = 0.45  # of its sample rate: the highest frequency that a recording tells of


@dataclass(frozen=True)
class MatchEq(Effect):
    """An equaliser that gives the whole sound the average spectrum of a recording, such as a finished song, without
    shift of phase. Levels do not matter: the median of its gains over the octaves is 0 dB before they are limited. All
    channels have the same filter. From the lowest and the highest frequency, it fades out over half an octave.
    """

    # It is linear once the filter is known, but the filter follows from the whole: the sum law is `none`.

    example = "{file: references/album-track.wav, strength: 0.6, max_boost_db: 4}"
    adds_frequencies = False

    file: Annotated[str, Field("Path of the recording, from the working directory.", min_length=1)]
    strength: Annotated[float, Field("Share of the difference in dB that it makes up for.", ge=0, le=1)] = 1.0
    smoothing_octaves: Annotated[
        float, Field("Width of the band over which the spectra are averaged.", "octaves", ge=0.05, le=2)
    ] = 0.33
    max_boost_db: Annotated[float, Field("The most by which it raises a frequency.", "dB", ge=0, le=24)] = 6.0
    max_cut_db: Annotated[float, Field("The most by which it lowers a frequency.", "dB", ge=0, le=24)] = 6.0
    low_hz: Annotated[float, Field("The lowest frequency that is matched.", "Hz", ge=20, le=20_000)] = 40.0
    high_hz: Annotated[float, Field("The highest frequency that is matched.", "Hz", ge=20, le=20_000)] = (
        16_000.0
    )

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("file",), self.file)]

    def libraries(self) -> dict[str, str]:
        return programs_for(os.path.expanduser(self.file))

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        if what := missing_program(os.path.expanduser(self.file)):
            yield ("file",), what

    def check(self, context: RenderContext) -> None:
        highest = _KNOWN * context.rate
        if not self.low_hz < min(self.high_hz, highest):
            raise ValueError(f"low_hz must be below high_hz and {highest:g} (is {self.low_hz:g})")

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        whole = Spool(context.channels, blocks)
        ours = _powers(whole.blocks(), context)
        if not ours.any():
            yield from whole.blocks()
            return
        theirs, known_hz = self._reference(context)
        gain_db = self._gains_db(ours, theirs, min(self.high_hz, known_hz), context.rate)
        response = np.fft.irfft(10 ** (gain_db / 20))
        size = len(response)
        # Around its middle, and faded at both ends, where there is next to nothing.
        response = np.append(np.roll(response, size // 2), 0) * np.hanning(size + 1)
        filters = np.repeat(response[:, None], context.channels, axis=1)
        yield from convolved(whole.blocks(), filters, lead=size // 2)

    def _reference(self, context: RenderContext) -> tuple[np.ndarray, float]:
        """The power spectrum of the recording, and the highest frequency in Hz that it tells of."""
        with AudioFile(context.files["file"]) as file:
            heard = as_channels(file.finite_blocks(), context.channels)
            powers = _powers(resample(heard, file.frames, context.channels, file.rate, context.rate), context)
            known_hz = _KNOWN * min(file.rate, context.rate)
            if not powers.any():
                raise StemwrightError(f"{file.path}: is silent; expected a recording with the wanted sound")
            if known_hz <= self.low_hz:
                raise StemwrightError(
                    f"{file.path}: tells of frequencies up to {known_hz:g} Hz; expected some above low_hz, "
                    f"{self.low_hz:g} Hz"
                )
            return powers, known_hz

    def _gains_db(self, ours: np.ndarray, theirs: np.ndarray, high_hz: float, rate: int) -> np.ndarray:
        """The gain of each bin.

        Parameters
        ----------
        ours, theirs : numpy.ndarray
            The power spectra of the sound and of the recording, of shape (bins,).
        high_hz : float
            The highest frequency that is matched.
        rate : int
            The sample rate in Hz.

        Returns
        -------
        numpy.ndarray
            Gains in dB, of shape (bins,).
        """
        hertz = np.geomspace(self.low_hz, high_hz, 2 + round(_POINTS * np.log2(high_hz / self.low_hz)))
        ours, theirs = (_smoothed(powers, hertz, self.smoothing_octaves, rate) for powers in (ours, theirs))
        difference = 10 * np.log10(theirs / ours)
        limited = np.clip(difference - np.median(difference), -self.max_cut_db, self.max_boost_db)
        points = np.concatenate(([hertz[0] / 2**0.5], hertz, [hertz[-1] * 2**0.5]))
        values = np.pad(self.strength * limited, 1)
        bins = np.fft.rfftfreq(_size(rate), 1 / rate)
        return np.interp(np.log2(np.maximum(bins, 1e-9)), np.log2(points), values)


def _size(rate: int) -> int:
    """The frames of a window: a power of two, 16,384 at 48 kHz, whose bins are 3 Hz apart."""
    return 1 << round(np.log2(_WINDOW_S * rate))


def _powers(blocks: Stream, context: RenderContext) -> np.ndarray:
    """The power of each bin over a whole stream, of all channels together."""
    spectrum = PowerSpectrum(_size(context.rate), context.channels)
    for block in blocks:
        spectrum.feed(block.T)
    return spectrum.finish().sum(axis=0)


def _smoothed(powers: np.ndarray, hertz: np.ndarray, octaves: float, rate: int) -> np.ndarray:
    """The power in bands around frequencies.

    Parameters
    ----------
    powers : numpy.ndarray
        The power of each bin, of shape (bins,).
    hertz : numpy.ndarray
        The centres of the bands, of shape (count,).
    octaves : float
        The width of a band.
    rate : int
        The sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        Powers of shape (count,), none of them zero.
    """
    width_hz = rate / 2 / (len(powers) - 1)
    edges = (np.arange(len(powers) + 1) - 0.5) * width_hz
    below = np.concatenate(([0.0], np.cumsum(powers)))
    low, high = (np.interp(hertz * 2 ** (sign * octaves / 2), edges, below) for sign in (-1, 1))
    return np.maximum(high - low, 0) + _FLOOR * powers.max()
