"""Sources: where a stem's sound comes from, one file a kind.

A source is a frozen dataclass whose fields are its YAML keys, with `render`, which yields a stream
that begins at the song's first frame. It may be shorter than the canvas; silence follows then.
"""

from __future__ import annotations

from stemwright.audio import Stream, fit
from stemwright.canvas import Canvas
from stemwright.ramps import spans_gain
from stemwright.sources._base import Source
from stemwright.spec import registry

__all__ = ["Source", "make", "render"]

_EDGE_IN_S, _EDGE_OUT_S = 0.002, 0.010  # short enough to keep an attack on the section's first frame


def make(entry: dict) -> Source:
    """A source from its one-key map, `{"tone": {"note": "A2"}}`."""
    return registry.make(__name__, entry)


def render(source: Source, canvas: Canvas, sections: list[str] | None) -> Stream:
    """The stem: exactly the canvas's length, and silent outside of `sections` where these are given."""
    stream = fit(source.render(canvas), canvas.frames, canvas.channels)
    return stream if sections is None else _only(stream, canvas, sections)


def _only(stream: Stream, canvas: Canvas, sections: list[str]) -> Stream:
    import numpy as np

    spans = canvas.timeline.spans(sections)  # neighbours play on without a seam
    edges = round(_EDGE_IN_S * canvas.rate), round(_EDGE_OUT_S * canvas.rate)
    at = 0
    for block in stream:
        yield block * spans_gain(np.arange(at, at + len(block)), spans, *edges)[:, None]
        at += len(block)
