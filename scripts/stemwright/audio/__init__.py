"""Audio input and output: strict readers, deterministic writers, and streams of blocks.

A block is a float64 array of shape (frames, channels) with full scale 1.0. A stream is an iterator of blocks of
any lengths; no result may depend on where blocks begin and end.
"""

from stemwright.audio.containers import FORMATS, Container, inspect
from stemwright.audio.many import ReopenedFile, aligned_blocks, open_many
from stemwright.audio.reader import AudioFile, format_problem
from stemwright.audio.spool import Spool
from stemwright.audio.stream import (
    BLOCK,
    RESAMPLER_MARGIN,
    Stream,
    as_channels,
    at_gains,
    copies,
    fit,
    interleaved,
    mean_of_channels,
    reblock,
    resample,
    resampled_frames,
    without_start,
)
from stemwright.audio.writer import write_audio

__all__ = [
    "BLOCK",
    "FORMATS",
    "RESAMPLER_MARGIN",
    "AudioFile",
    "Container",
    "ReopenedFile",
    "Spool",
    "Stream",
    "aligned_blocks",
    "as_channels",
    "at_gains",
    "copies",
    "fit",
    "format_problem",
    "inspect",
    "interleaved",
    "mean_of_channels",
    "open_many",
    "reblock",
    "resample",
    "resampled_frames",
    "without_start",
    "write_audio",
]
