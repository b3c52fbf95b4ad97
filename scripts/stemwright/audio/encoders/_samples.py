"""What the lossless formats that libsndfile writes have in common."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from stemwright.audio.encoders._base import Encoder, Form
from stemwright.audio.writer import write_samples


class SampleEncoder(Encoder):
    """Base of a lossless format that libsndfile writes."""

    @classmethod
    def write(cls, path: str, part: Path, blocks: Iterable[np.ndarray], form: Form) -> None:
        """Write the samples, dithered where the format has fewer bits than the stream."""
        write_samples(
            path, part, blocks, form.rate, form.channels, form.frames, form.subtype, cls.kind, form.seed
        )
