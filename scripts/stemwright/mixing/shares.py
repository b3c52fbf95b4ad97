"""Shares: what of a bus, of the mix or of the master is due to one stem.

A linear effect of a sum is the sum of its effects on each part, and a gain effect multiplies all parts by one curve,
which was computed from the whole. So a stem can be taken through the same buses and the same master chain as the mix,
and these shares add up to it, to within rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import numpy as np

from stemwright.audio import BLOCK, Spool, Stream, reblock
from stemwright.base.files import atomic_write
from stemwright.effects import Chain
from stemwright.mixing.faders import Faders
from stemwright.mixing.master import final_effects
from stemwright.mixing.sums import summed
from stemwright.music.component import below
from stemwright.music.render_context import RenderContext

_SAMPLE = np.dtype("<f8")


@dataclass(frozen=True)
class Step:
    """A bus, the mix or the master on the way of a stem.

    Attributes
    ----------
    name : str
        Its name.
    feeds : mapping of str to Faders
        What comes into it on this way: names of the stem or of steps before, with the faders in between.
    effects : Chain
        Its effects.
    curves : sequence of numpy.ndarray or CurveInFile
        Their gain curves, each of shape (frames, channels); None if they are computed from what comes in here.
    context : RenderContext
        The render context, with the files of its effects.
    """

    name: str
    feeds: Mapping[str, Faders]
    effects: Chain
    curves: Sequence[np.ndarray | CurveInFile] | None
    context: RenderContext


@dataclass(frozen=True)
class CurveInFile:
    """A gain curve in a file of `write_curves`, of which slices of frames are read.

    It is not mapped into memory: all that was read of it would stay there, and count as the job's.
    """

    path: str | PathLike
    offset: int  # in bytes
    frames: int
    channels: int

    def __len__(self) -> int:
        return self.frames

    def __getitem__(self, frames: slice) -> np.ndarray:
        start, end, _ = frames.indices(self.frames)
        row = self.channels * _SAMPLE.itemsize
        count = (end - start) * self.channels
        return np.fromfile(self.path, _SAMPLE, count, offset=self.offset + start * row).reshape(
            -1, self.channels
        )


def through(starts: Mapping[str, Stream], steps: Sequence[Step]) -> Stream:
    """What some stems are in the last step: with gain curves, their share of it; without, what they are alone.

    Parameters
    ----------
    starts : mapping of str to Stream
        The stems, or buses, by name, before their faders.
    steps : sequence of Step
        What they go through, each after those that come into it.

    Returns
    -------
    Stream
        Blocks of shape (frames, channels).
    """
    done = {name: Spool(steps[0].context.channels, blocks) for name, blocks in starts.items()}
    for step in steps[:-1]:
        done[step.name] = Spool(step.context.channels, _through(step, done))
    return _through(steps[-1], done)


def _through(step: Step, done: Mapping[str, Spool]) -> Stream:
    """One step: its feeds, each through its faders, summed, and through its effects."""
    aligned = zip(*(reblock(done[name].blocks()) for name in step.feeds), strict=True)
    total = summed(aligned, list(step.feeds.values()))
    if step.curves is None:
        return step.effects.process(total, step.context)
    curves = (_blocks(curve, step.context.frames) for curve in step.curves)
    return step.effects.share(total, curves, step.context)


def _blocks(curve: np.ndarray | CurveInFile, frames: int) -> Stream:
    """The first frames of a curve; after its end, where a loop rings on after the song, it stays as it was."""
    for start in range(0, min(len(curve), frames), BLOCK):
        yield curve[start : start + BLOCK]
    for start in range(len(curve), frames, BLOCK):
        yield np.repeat(curve[-1:], min(BLOCK, frames - start), axis=0)


def read_steps(
    steps: Sequence[Mapping[str, Any]],
    context: RenderContext,
    levels: Mapping[str, float],
    curves: Iterable[str] | None,
    settings: Mapping[str, Any] | None = None,
) -> list[Step]:
    """Make steps from their plain data.

    Parameters
    ----------
    steps : sequence of mapping
        Of each its `name`, its `feeds` and its `effects`.
    context : RenderContext
        The render context, with the files of all steps.
    levels : mapping of str to float
        The gains in dB that were found.
    curves : iterable of str or None
        Paths of the gain curves of the steps that have some; None if they are computed from what comes in.
    settings : mapping, optional
        What the master chain settled on, if the last step is the master.

    Returns
    -------
    list of Step
    """
    found, following = [], iter(curves or ())
    for step in steps:
        effects = Chain.make(step["effects"]).effects
        if settings is not None and step is steps[-1]:
            effects += final_effects(settings)
        chain = Chain(effects)
        own: Sequence[CurveInFile] | None = None if curves is None else []
        if curves is not None and chain.curve_count:
            own = read_curves(next(following))
        feeds = {
            name: Faders.from_dict(path, context.channels, levels) for name, path in step["feeds"].items()
        }
        files = below(context.files, step["name"])
        found.append(Step(step["name"], feeds, chain, own, replace(context, files=files)))
    return found


def write_curves(path: str | PathLike, curves: Sequence[Spool]) -> None:
    """Write gain curves to a file of NumPy's format `.npy`, of shape (curves, frames, channels), float64.

    Raises OSError if it cannot be written.
    """
    shape = (len(curves), curves[0].frames, curves[0].channels) if curves else (0, 0, 0)
    header = {"descr": _SAMPLE.str, "fortran_order": False, "shape": shape}
    with atomic_write(path) as part, open(part, "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for curve in curves:
            for block in curve.blocks():
                file.write(np.ascontiguousarray(block, _SAMPLE).data)


def read_curves(path: str | PathLike) -> list[CurveInFile]:
    """Gain curves that `write_curves` has written. Raises OSError or ValueError if it is no such file."""
    mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    count, frames, channels = mapped.shape
    size = frames * channels * _SAMPLE.itemsize
    return [CurveInFile(path, mapped.offset + number * size, frames, channels) for number in range(count)]
