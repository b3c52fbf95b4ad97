"""What drawings have in common: where their columns begin, and arrays as text."""

from __future__ import annotations

import base64

import numpy as np


def column_starts(frames: int, columns: int) -> np.ndarray:
    """The first frame of each column, of which all are equally long but for rounding."""
    return np.arange(columns) * frames // columns


def base64_text(values: np.ndarray) -> str:
    """The bytes of an array, row by row, in base64."""
    return base64.b64encode(values.tobytes()).decode("ascii")
