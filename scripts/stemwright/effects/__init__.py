"""Effects: one file a kind, and the chain that runs them.

An effect is a frozen dataclass whose fields are its YAML keys, with `process`, which maps a stream
of blocks to a stream of at least as many frames (the chain cuts the rest), starting at the same time:
an effect that delays its signal takes the delay out again, and flushes itself at the end. Its result
does not depend on block sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from stemwright.audio import Stream, fit
from stemwright.effects._base import Effect
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry

__all__ = ["Effect", "chain", "make"]


def make(entry: dict) -> Effect:
    """An effect from its one-key map, `{"lowpass": {"cutoff_hz": 8000}}`."""
    return registry.make(__name__, entry)


def chain(effects: Sequence[Effect], blocks: Iterable[np.ndarray], context: RenderContext) -> Stream:
    """Run a stream through effects, in order, to exactly the context's length.

    A shorter stream is continued with silence, so that tails ring out into it; what would sound after
    the context's end is cut.
    """
    stream = fit(blocks, context.frames, context.channels)
    for effect in effects:
        stream = fit(effect.process(stream, context), context.frames, context.channels)
    return stream
