"""Audio in and out: strict readers, deterministic writers, streams of blocks between them.

A block is a float64 array of shape (frames, channels), full scale 1.0. A stream is an iterator of
blocks of any sizes; nothing may depend on where one block ends and the next begins.
"""

from stemwright.audio.container import Container, UnknownFormatError, inspect
from stemwright.audio.reader import AudioFile, aligned_blocks
from stemwright.audio.spool import Spool
from stemwright.audio.stream import BLOCK, Stream, as_channels, fit, reblock, resample, resampled_frames
from stemwright.audio.writer import write_audio

__all__ = [
    "BLOCK",
    "AudioFile",
    "Container",
    "Spool",
    "Stream",
    "UnknownFormatError",
    "aligned_blocks",
    "as_channels",
    "fit",
    "inspect",
    "reblock",
    "resample",
    "resampled_frames",
    "write_audio",
]
