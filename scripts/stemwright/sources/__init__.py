"""Sources, which make the sound of a stem: one module per kind.

A source is a frozen dataclass whose fields are its YAML keys. Its method `render` yields a stream that begins at the
song's first frame. It may be shorter than the song, and is then followed by silence.
"""

from __future__ import annotations

from stemwright.audio import Stream, at_gains
from stemwright.audio.fades import spans_gain
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source
from stemwright.validation import registry

__all__ = ["Source", "make", "render"]

_EDGE_IN_S, _EDGE_OUT_S = 0.002, 0.010  # short enough to keep an attack on the section's first frame


def make(entry: dict) -> Source:
    """Make a source from its one-key map, such as `{"tone": {"note": "A2"}}`."""
    return registry.make(__name__, entry)


def render(source: Source, context: RenderContext, sections: list[str] | None) -> Stream:
    """Render a stem.

    Parameters
    ----------
    source : Source
        The source of its sound.
    context : RenderContext
        The format and length, and the inputs of the source.
    sections : list of str or None
        Names of the sections in which the stem sounds; it is silent in the others. None for all.

    Returns
    -------
    Stream
        Exactly `context.frames` frames.
    """
    stream = source.sound(context)
    return stream if sections is None else _only_in(stream, context, sections)


def _only_in(stream: Stream, context: RenderContext, sections: list[str]) -> Stream:
    import numpy as np

    spans = context.required_timeline().spans(
        sections
    )  # adjacent sections are one span, without a fade between them
    edges = round(_EDGE_IN_S * context.rate), round(_EDGE_OUT_S * context.rate)
    at = 0
    for block in stream:
        yield at_gains(block, spans_gain(np.arange(at, at + len(block)), spans, *edges)[:, None])
        at += len(block)
