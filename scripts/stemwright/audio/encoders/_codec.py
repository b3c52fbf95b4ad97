"""What the lossy formats that libsndfile writes have in common."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile as sf

from stemwright.audio.containers import inspect
from stemwright.audio.encoders._base import Encoder, Form
from stemwright.audio.stream import reblock
from stemwright.audio.writer import checked
from stemwright.base.errors import AudioFileError

_FRAMES = 2_048
"""Written at a time: with many at once, libsndfile 1.2.2 overflows the stack in Vorbis and Opus."""


class CodecEncoder(Encoder):
    """Base of a lossy format that libsndfile writes."""

    @classmethod
    def compression(cls, form: Form) -> float:
        """The `compression_level` of libsndfile, from 0, the largest files, to 1."""
        raise NotImplementedError

    @classmethod
    def mode(cls, form: Form) -> str | None:
        """The `bitrate_mode` of libsndfile, for a format that has several."""
        return None

    @classmethod
    def write(cls, path: str, part: Path, blocks: Iterable[np.ndarray], form: Form) -> None:
        """Encode a stream of floats, and see that all of it is there."""
        with sf.SoundFile(
            part,
            "w",
            form.rate,
            form.channels,
            cls.codec,
            format=cls.kind,
            compression_level=cls.compression(form),
            bitrate_mode=cls.mode(form),
        ) as file:
            for block in reblock(checked(path, blocks, form.frames, np.float64), _FRAMES):
                file.write(block)
        # What is written on closing finds no space without a word.
        try:
            problem = inspect(part).problem
        except AudioFileError as error:  # all of it is missing
            problem = str(error)
        if problem or sf.info(part).frames != form.frames:
            raise EOFError(problem or "its end is missing")
