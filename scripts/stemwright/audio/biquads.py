"""Cascades of second-order sections: Butterworth's coefficients, those of an equaliser, and SciPy's filter to run them.

`import scipy.signal` takes a second of CPU and 80 MB, ten times what filtering a song does, and every job is a
process of its own. So SciPy's compiled filter is loaded alone, without the package around it, and the
coefficients, which are textbook, are computed here. That filter is private to SciPy: it is used in the versions it
was tried with, and elsewhere the public `scipy.signal.sosfilt`, which runs the same loop. Filter and
coefficients are compared with scipy.signal in the tests.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from stemwright.audio.spool import Spool
from stemwright.audio.stream import Stream, interleaved

Value: TypeAlias = float | np.ndarray
"""A number, or one for each frame, of shape (frames,)."""

_TRIED = ("1.15", "1.16", "1.17")
"""The versions of SciPy whose `_sosfilt(sections, x, state)` was tried."""


def butterworth(order: int, cutoff_hz: Value, shape: str, rate: int) -> np.ndarray:
    """The sections of a Butterworth low-pass or high-pass of any order.

    Analogue poles at equal angles on a circle (Butterworth 1930), each pair a section of its own Q, brought to the
    sample rate by the bilinear transform with the cut-off kept (Oppenheim and Schafer, 3rd ed., 7.2).

    Parameters
    ----------
    order : int
        Its order, from 1.
    cutoff_hz : float or numpy.ndarray
        Where the response is 3 dB down. Of a filter that moves, an array has it for each frame, here and below.
    shape : str
        `low` or `high`.
    rate : int
        The sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        Rows b0 b1 b2 a0 a1 a2, as SciPy's second-order sections, of shape (sections, 6) or (frames, sections, 6).
    """
    k = _each("tan", math.pi * cutoff_hz / rate)
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
    return _stacked(sections)


def _each(function: str, x: Value) -> Any:
    """A function of `math`, of an array by numpy: of a number, its last bit must not depend on the processor."""
    return getattr(np if isinstance(x, np.ndarray) else math, function)(x)


def _stacked(sections: list[list[Any]]) -> np.ndarray:
    """Coefficients, each a number or of shape (frames,), as an array whose last two axes are (sections, 6)."""
    rows = [np.stack(np.broadcast_arrays(*row), axis=-1) for row in sections]
    return np.stack(np.broadcast_arrays(*rows), axis=-2)


def nyquist_problem(hertz: float, rate: int) -> str:
    """The message for a frequency that no filter can have at a sample rate, or ""."""
    return "" if hertz < rate / 2 else f"must be below half the sample rate, {rate / 2:g} (is {hertz:g})"


def peak(frequency_hz: Value, gain_db: Value, q: Value, rate: int) -> np.ndarray:
    """The section of a peak or a dip (`peakingEQ` of the Audio EQ Cookbook, R. Bristow-Johnson, W3C Note 2021).

    Parameters
    ----------
    frequency_hz : float or numpy.ndarray
        Its centre, in Hz.
    gain_db : float or numpy.ndarray
        The gain there, in dB.
    q : float or numpy.ndarray
        The centre divided by the bandwidth, which is that of half the gain in dB.
    rate : int
        The sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        One row b0 b1 b2 a0 a1 a2, of shape (1, 6) or (frames, 1, 6).
    """
    a, cosine, alpha = _cookbook(frequency_hz, gain_db, q, rate)
    return _normalized(
        [1 + alpha * a, -2 * cosine, 1 - alpha * a], [1 + alpha / a, -2 * cosine, 1 - alpha / a]
    )


def shelf(frequency_hz: Value, gain_db: Value, q: Value, shape: str, rate: int) -> np.ndarray:
    """The section of a low or high shelf (`lowShelf` and `highShelf` of the Audio EQ Cookbook).

    Parameters
    ----------
    frequency_hz : float or numpy.ndarray
        The middle of its slope, in Hz, where it has half its gain in dB.
    gain_db : float or numpy.ndarray
        Its gain, in dB.
    q : float or numpy.ndarray
        The steepness of the slope: above √½ it overshoots on both sides.
    shape : str
        `low` or `high`.
    rate : int
        The sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        One row b0 b1 b2 a0 a1 a2, of shape (1, 6) or (frames, 1, 6).
    """
    a, cosine, alpha = _cookbook(frequency_hz, gain_db, q, rate)
    c = cosine if shape == "low" else -cosine  # a high shelf is a low shelf with z replaced by -z
    sign = 1 if shape == "low" else -1
    root = 2 * _each("sqrt", a) * alpha
    return _normalized(
        [
            a * (a + 1 - (a - 1) * c + root),
            sign * 2 * a * (a - 1 - (a + 1) * c),
            a * (a + 1 - (a - 1) * c - root),
        ],
        [a + 1 + (a - 1) * c + root, -sign * 2 * (a - 1 + (a + 1) * c), a + 1 + (a - 1) * c - root],
    )


def notch(frequency_hz: Value, q: Value, rate: int) -> np.ndarray:
    """The section of a notch (`notch` of the Audio EQ Cookbook).

    Parameters
    ----------
    frequency_hz : float or numpy.ndarray
        The frequency that it removes, in Hz.
    q : float or numpy.ndarray
        That frequency divided by the width of the notch where it is 3 dB down.
    rate : int
        The sample rate in Hz.

    Returns
    -------
    numpy.ndarray
        One row b0 b1 b2 a0 a1 a2, of shape (1, 6) or (frames, 1, 6).
    """
    _, cosine, alpha = _cookbook(frequency_hz, 0.0, q, rate)
    return _normalized([1.0, -2 * cosine, 1.0], [1 + alpha, -2 * cosine, 1 - alpha])


def _cookbook(frequency_hz: Value, gain_db: Value, q: Value, rate: int) -> tuple[Any, Any, Any]:
    """The cookbook's A, cos(w0) and alpha."""
    w0 = 2 * math.pi * frequency_hz / rate
    return 10 ** (gain_db / 40), _each("cos", w0), _each("sin", w0) / (2 * q)


def _normalized(b: list[Any], a: list[Any]) -> np.ndarray:
    return _stacked([[*b, *a]]) / np.asarray(a[0])[..., None, None]


def decay_frames(sections: np.ndarray) -> int:
    """Frames until the response of stable sections has decayed below 1e-12, with as much again as a margin."""
    radius = max(abs(pole) for section in sections for pole in np.roots(section[3:]))
    return 2 * math.ceil(math.log(1e-12) / math.log(radius)) if radius > 0 else len(sections) * 2


def filtered_both_ways(
    sections: np.ndarray, blocks: Iterable[np.ndarray], channels: int, ring: int
) -> Stream:
    """Filter a stream forwards, then backwards: no phase shift, and twice the attenuation in dB.

    Parameters
    ----------
    sections : numpy.ndarray
        The filter.
    blocks : iterable of numpy.ndarray
        The stream.
    channels : int
        Its number of channels.
    ring : int
        Frames after which the filter's response has decayed.

    Yields
    ------
    numpy.ndarray
        Blocks of the stream, followed by `ring` frames in which the filter rings out.
    """
    forward = Spool(channels, filtered(sections, chain(blocks, [np.zeros((ring, channels))]), channels))
    backward = Spool(channels, filtered(sections, forward.reversed_blocks(), channels))
    yield from backward.reversed_blocks()


def filtered(sections: np.ndarray, blocks: Iterable[np.ndarray], channels: int) -> Stream:
    """Filter a stream, from rest; the state is kept from block to block.

    Parameters
    ----------
    sections : numpy.ndarray
        The filter, see `butterworth`.
    blocks : iterable of numpy.ndarray
        The stream.
    channels : int
        Its number of channels.

    Yields
    ------
    numpy.ndarray
        Blocks of the same sizes.
    """
    state = at_rest(sections, channels)
    for block in blocks:
        rows = np.array(block.T, order="C")
        filter_rows(sections, rows, state)
        yield interleaved(rows)


def at_rest(sections: np.ndarray, channels: int) -> np.ndarray:
    """The state of sections before the first sample, for `filter_rows`."""
    return np.zeros((channels, len(sections), 2))


def filter_rows(sections: np.ndarray, rows: np.ndarray, state: np.ndarray) -> None:
    """Filter rows in place, each through all sections.

    Parameters
    ----------
    sections : shape (sections, 6), float64
        Rows b0 b1 b2 a0 a1 a2, a0 being 1.
    rows : shape (channels, frames), float64, C-contiguous
        Samples; afterwards the filtered ones.
    state : shape (channels, sections, 2), float64, C-contiguous
        From `at_rest` or the call before; afterwards the state after the last frame.
    """
    _kernel()(sections, rows, state)


def filter_each(sections: np.ndarray, rows: np.ndarray, state: np.ndarray) -> None:
    """Filter short stretches of a sound in place, each with a filter of its own, see `filter_rows`.

    Parameters
    ----------
    sections : shape (stretches, sections, 6), float64
        The filters.
    rows : shape (stretches, channels, frames), float64, each C-contiguous
        Samples; afterwards the filtered ones.
    state : shape (channels, sections, 2), float64, C-contiguous
        As in `filter_rows`.
    """
    kernel = _kernel()
    for filters, stretch in zip(sections, rows, strict=True):
        kernel(filters, stretch, state)


@functools.cache
def _kernel() -> Callable[[np.ndarray, np.ndarray, np.ndarray], None]:
    """What `filter_rows` does: SciPy's own inner loop, loaded alone, or where that was not tried its `sosfilt`."""
    import scipy

    if scipy.__version__.rpartition(".")[0] in _TRIED:
        spec = PathFinder.find_spec("_sosfilt", [str(Path(scipy.__file__).parent / "signal")])
        if spec is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            kernel = getattr(module, "_sosfilt", None)
            if kernel is not None and _is_as_tried(kernel):
                return kernel
    return _public


def _is_as_tried(kernel: Callable) -> bool:
    """Whether it takes what we give it and filters in place, by an impulse whose response is exact in binary."""
    rows, state = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]), np.zeros((2, 1, 2))
    try:
        kernel(np.array([[1.0, 0.5, 0.0, 1.0, -0.5, 0.25]]), rows, state)
    except (TypeError, ValueError):
        return False
    return rows.tolist() == [[0, 0, 0], [1, 1, 0.25]] and state.tolist() == [[[0, 0]], [[-0.125, -0.0625]]]


def _public(sections: np.ndarray, rows: np.ndarray, state: np.ndarray) -> None:
    """The same by SciPy's public interface, whose state has its first two axes the other way round."""
    from scipy.signal import sosfilt

    if rows.size:  # it cannot reshape nothing
        rows[:], after = sosfilt(sections, rows, zi=state.transpose(1, 0, 2))
        state[:] = after.transpose(1, 0, 2)
