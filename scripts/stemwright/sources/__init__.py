"""Sources: where a stem's sound comes from, one file a kind.

A source is a frozen dataclass whose fields are its YAML keys, with `render`, which yields a stream
that begins at the song's first frame. It may be shorter than the context; silence follows then.
"""

from __future__ import annotations

from stemwright.audio import Stream, fit
from stemwright.audio.fades import spans_gain
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source
from stemwright.validation import registry

__all__ = ["Source", "make", "render"]

_EDGE_IN_S, _EDGE_OUT_S = 0.002, 0.010  # short enough to keep an attack on the section's first frame


def make(entry: dict) -> Source:
    """A source from its one-key map, `{"tone": {"note": "A2"}}`."""
    return registry.make(__name__, entry)


def render(source: Source, context: RenderContext, sections: list[str] | None) -> Stream:
    """The stem: exactly the context's length, and silent outside of `sections` where these are given."""
    stream = fit(source.render(context), context.frames, context.channels)
    return stream if sections is None else _only(stream, context, sections)


def _only(stream: Stream, context: RenderContext, sections: list[str]) -> Stream:
    import numpy as np

    spans = context.timeline.spans(sections)  # neighbours play on without a seam
    edges = round(_EDGE_IN_S * context.rate), round(_EDGE_OUT_S * context.rate)
    at = 0
    for block in stream:
        yield block * spans_gain(np.arange(at, at + len(block)), spans, *edges)[:, None]
        at += len(block)
