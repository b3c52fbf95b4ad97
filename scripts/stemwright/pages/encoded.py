"""What drawings have in common: where their columns begin, and bytes as text."""

from __future__ import annotations

import base64

import numpy as np


def column_starts(frames: int, columns: int) -> np.ndarray:
    """The first frame of each column, of which all are equally long but for rounding."""
    return np.arange(columns) * frames // columns


def base64_text(values: np.ndarray | bytes) -> str:
    """Bytes in base64; those of an array are taken row by row."""
    return base64.b64encode(values if isinstance(values, bytes) else values.tobytes()).decode("ascii")
