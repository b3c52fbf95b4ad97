"""The gain and the limiter at the end of a master chain on two cores: two parts, the second begun somewhat early.

What a limiter does at a place depends on all that came before it. But its attack is instant: where it must go below the
gain that it has, it has the gain that this place asks for, whatever it had before. All else that it remembers is 5 ms
of look-ahead and the samples under its filter (spotify/pedalboard, plugins/BrickwallLimiter.h). So the second part
begins, from rest, before a loud place. It is taken only if it is equal to the first part, sample by sample, for a
second after that place: the audio is the same on any number of cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from stemwright.audio import Spool, Stream
from stemwright.audio.stream import BLOCK
from stemwright.effects import Chain, Effect
from stemwright.music.render_context import RenderContext

_NEARLY = 0.95  # of the loudest block: as loud, and perhaps nearer to the middle
_LEAST = 24  # blocks: in less audio, there is little to gain


@dataclass(frozen=True)
class Halves:
    """Audio in two parts: `frames` frames of the first, and the second from its frame `begin` on."""

    first: Spool
    frames: int
    second: Spool
    begin: int

    def blocks(self) -> Stream:
        """The audio from its start."""
        for start in range(0, self.frames, BLOCK):
            yield self.first.read(start, min(BLOCK, self.frames - start))
        yield from self.second.blocks_from(self.begin)


def in_halves(spool: Spool, steps: Sequence[Effect], context: RenderContext) -> Halves | Spool:
    """Run a spool through the last steps of a master chain, both halves at once.

    Parameters
    ----------
    spool : Spool
        What comes into the steps.
    steps : sequence of Effect
        A gain, if there is one, and a limiter.
    context : RenderContext
        The render context of the spool.

    Returns
    -------
    Halves or Spool
        The audio. A spool, if the halves did not meet, or it is short: from start to end by one core.
    """
    count = spool.frames // BLOCK
    whole, first = Chain(tuple(steps)).process(spool.blocks(), context), Spool(context.channels, single=True)
    if count < _LEAST:
        return _read_to(spool.frames, whole, first)

    def level(block: int) -> float:
        samples = spool.read(block * BLOCK, BLOCK)
        return max(float(samples.max()), -float(samples.min()))

    levels = {block: level(block) for block in range(count // 3, count - count // 3)}
    enough = _NEARLY * max(levels.values())
    loud = min(
        (block for block in levels if levels[block] >= enough), key=lambda block: abs(2 * block - count)
    )
    begin, cut = (loud - 1) * BLOCK, (loud + 2) * BLOCK
    own = replace(context, frames=spool.frames - begin)
    late = Chain(tuple(steps)).process(spool.blocks_from(begin), own)
    with ThreadPoolExecutor(1) as other:
        rest = other.submit(Spool, context.channels, late, single=True)
        _read_to(cut, whole, first)
        second = rest.result()
    if np.array_equal(first.read(cut - BLOCK, BLOCK), second.read(cut - BLOCK - begin, BLOCK)):
        return Halves(first, cut, second, cut - begin)
    return _read_to(spool.frames, whole, first)


def _read_to(frames: int, stream: Stream, spool: Spool) -> Spool:
    """Append a stream to a spool until it has at least so many frames. Returns the spool."""
    while spool.frames < frames:
        spool.append(next(stream))
    return spool
