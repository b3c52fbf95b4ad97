"""Filters that move: cascades of second-order sections whose coefficients change from frame to frame.

Coefficients that change in steps are heard as zipper noise, and a direct form whose coefficients change rings by
itself: its state means something else under each filter. So every section is run as a state-variable filter with
trapezoidal integrators (V. Zavalishin, The Art of VA Filter Design, rev. 2.1.2, ch. 4; A. Simper, Cytomic, 2013), whose
state is the content of its integrators whatever the coefficients, with the coefficients of each frame. A filter that
stays still has the same response as in `stemwright.audio.biquads`.

The recursion is solved for many stretches of frames at once: each from rest, and from a unit in either integrator;
then the states in which stretches begin follow from one another, and what they add is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from stemwright.audio.stream import Stream, reblock

_BLOCK = 1 << 15
"""Frames that are computed at once, from the start of the stream on, whatever its blocks are."""

_STRETCH = 128
"""Frames in a stretch; the others of a block are computed beside it."""


class _Section(NamedTuple):
    """A section as a state-variable filter, each of shape (frames,): see `_as_state_variable`."""

    g: np.ndarray
    norm: np.ndarray
    direct: np.ndarray
    band: np.ndarray
    low: np.ndarray


def filtered_moving(
    sections_at: Callable[[np.ndarray], np.ndarray], blocks: Iterable[np.ndarray], channels: int
) -> Stream:
    """Filter a stream, from rest, with a filter that moves.

    Parameters
    ----------
    sections_at : callable
        For frames of shape (count,), the filter at each: rows b0 b1 b2 a0 a1 a2 of shape (count, sections, 6), a0
        being 1. All must be stable.
    blocks : iterable of numpy.ndarray
        The stream, from the start of the song.
    channels : int
        Its number of channels.

    Yields
    ------
    numpy.ndarray
        Blocks of our own sizes, as many frames in sum.
    """
    states: list[np.ndarray] = []
    at = 0
    for block in reblock(blocks, _BLOCK):
        filters = sections_at(np.arange(at, at + len(block)))
        states = states or [np.zeros((2, channels))] * filters.shape[1]
        rows = np.array(block.T, order="C")
        for index in range(filters.shape[1]):
            rows, states[index] = _run(_as_state_variable(filters[:, index]), rows, states[index])
        yield rows.T
        at += len(block)


def _as_state_variable(rows: np.ndarray) -> _Section:
    """Sections of shape (frames, 6) as state-variable filters of equal response.

    By the bilinear transform s = (1 - 1/z) / (g (1 + 1/z)), a section is m0 + (m1 s + m2) / (s² + k s + 1). Its values
    at z = 1 and z = -1 give m0, m2 and g, and the differences of its outer coefficients k and m1.
    """
    b0, b1, b2, _, a1, a2 = rows.T
    at_nyquist = 1 - a1 + a2
    g = np.sqrt((1 + a1 + a2) / at_nyquist)
    scale = 2 / at_nyquist  # half of 1 + g k + g²
    gk = (1 - a2) * scale
    m0 = (b0 - b1 + b2) / at_nyquist
    m2 = (b0 + b1 + b2) / (1 + a1 + a2) - m0
    return _Section(g, 1 / (1 + gk + g * g), m0, ((b0 - b2) * scale - m0 * gk) / g, m2)


def _run(section: _Section, rows: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Run a section over rows of shape (channels, frames) from a state of shape (2, channels); give both anew."""
    channels, frames = rows.shape
    count = -(-frames // _STRETCH)
    x = np.zeros(
        (_STRETCH, 2 + channels, count)
    )  # the first two rows: what a unit in either integrator gives
    x[:, 2:] = _stretches(rows, count).transpose(2, 0, 1)
    g, norm = (_stretches(part, count).T for part in (section.g, section.norm))
    first, second = np.zeros((2, *x.shape[1:]))
    first[0] = second[1] = 1
    band, low = np.empty((2, *x.shape))
    for n in range(_STRETCH):
        v1, v2 = band[n], low[n]
        np.subtract(x[n], second, out=v1)
        v1 *= g[n]
        v1 += first
        v1 *= norm[n]
        np.multiply(v1, g[n], out=v2)
        v2 += second
        first = 2 * v1 - first
        second = 2 * v2 - second
    begun = np.empty((2, channels, count))  # the state in which each stretch begins
    for stretch in range(count):
        begun[:, :, stretch] = state
        ends = np.stack([first[:, stretch], second[:, stretch]])
        state = ends[:, 2:] + ends[:, :2] @ state
    outs = [part[:, 2:] + part[:, :1] * begun[0] + part[:, 1:2] * begun[1] for part in (band, low)]
    v1, v2 = (out.transpose(1, 2, 0).reshape(channels, -1)[:, :frames] for out in outs)
    return section.direct * rows + section.band * v1 + section.low * v2, state


def _stretches(values: np.ndarray, count: int) -> np.ndarray:
    """Values of shape (..., frames) in `count` stretches, (..., count, _STRETCH), the last one filled with zeros."""
    missing = count * _STRETCH - values.shape[-1]
    filled = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, missing)]) if missing else values
    return filled.reshape(*values.shape[:-1], count, _STRETCH)
