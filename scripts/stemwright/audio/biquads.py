"""Cascades of second-order sections: Butterworth's coefficients, and SciPy's filter to run them.

`import scipy.signal` takes a second of CPU and 80 MB, ten times what filtering a song does, and every job is a
process of its own. So SciPy's compiled filter is loaded alone, without the package around it, and the
coefficients, which are textbook, are reckoned here. Both are held against scipy.signal in the tests.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

import numpy as np

from stemwright.audio.stream import Stream


def butterworth(order: int, cutoff_hz: float, shape: str, rate: int) -> np.ndarray:
    """Sections (rows b0 b1 b2 a0 a1 a2, as scipy's) of a `low` or `high` pass of any order.

    Analogue poles at equal angles on a circle (Butterworth 1930), each pair a section of its own Q, brought to
    the sample rate by the bilinear transform with the cut-off kept (Oppenheim and Schafer, 3rd ed., 7.2).
    """
    k = math.tan(math.pi * cutoff_hz / rate)
    sections = []
    if order % 2:
        b = [k, k] if shape == "low" else [1.0, -1.0]
        sections.append([b[0] / (1 + k), b[1] / (1 + k), 0.0, 1.0, (k - 1) / (k + 1), 0.0])
    for pair in range(order // 2, 0, -1):  # the gentlest first, so that no section overshoots much
        damping = 2 * math.sin((2 * pair - 1) * math.pi / (2 * order))  # 1 / Q
        norm = 1 + damping * k + k * k
        b = [k * k, 2 * k * k, k * k] if shape == "low" else [1.0, -2.0, 1.0]
        sections.append(
            [*(x / norm for x in b), 1.0, 2 * (k * k - 1) / norm, (1 - damping * k + k * k) / norm]
        )
    return np.array(sections)


def filtered(sections: np.ndarray, blocks: Iterable[np.ndarray], channels: int) -> Stream:
    """A stream through sections, their state kept from block to block, from rest."""
    kernel = _kernel()
    state = np.zeros((channels, len(sections), 2))
    for block in blocks:
        rows = np.array(block.T, order="C")  # filtered in place
        kernel(sections, rows, state)
        yield rows.T


@functools.cache
def _kernel():
    """`_sosfilt(sections, x, state)` of SciPy: x of shape (channels, frames), in place (SciPy 1.17)."""
    import scipy

    spec = PathFinder.find_spec("_sosfilt", [str(Path(scipy.__file__).parent / "signal")])
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module._sosfilt
