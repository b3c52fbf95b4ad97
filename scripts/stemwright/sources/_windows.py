"""Windows: stretches of a stem or bus, rendered as they are in the song, without the song before and after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from stemwright import sources
from stemwright.audio import Stream, fit, without_start
from stemwright.effects import Chain
from stemwright.music.component import below
from stemwright.music.render_context import RenderContext, Window


def source_stretch(
    entry: dict[str, Any], sections: list[str] | None, span: tuple[int, int], context: RenderContext
) -> Stream:
    """A stretch of a source. What comes before it is rendered as far as the source needs it.

    Parameters
    ----------
    entry : dict
        The source as a one-key map.
    sections : list of str or None
        The sections in which the stem sounds.
    span : (int, int)
        The first frame, and that after the last.
    context : RenderContext
        That of the song, with the files of the source below `source`.

    Returns
    -------
    Stream
        Blocks of shape (frames, channels).
    """
    start, end = span
    files = below(context.files, "source")
    if "reference" in context.files:
        files["reference"] = context.files["reference"]
    own = replace(context, files=files, heard=(start, end))
    sound = sources.render(sources.make(entry), own, sections)
    return fit(without_start(sound, start), end - start, context.channels)


def processed_stretch(
    sound: Stream,
    effects: Sequence[dict[str, Any]],
    given: tuple[int, int],
    taken: tuple[int, int],
    context: RenderContext,
) -> Stream:
    """A stretch of a stem or bus after its effects.

    Parameters
    ----------
    sound : Stream
        What is before them, from frame `taken[0]` of the song to `taken[1]` (exclusive).
    effects : sequence of dict
        The effects as one-key maps.
    given, taken : (int, int)
        The frames of the stretch after the effects, and before them.
    context : RenderContext
        That of the song, with the files of the effects below `effects`.

    Returns
    -------
    Stream
        The frames `given`, in blocks of shape (frames, channels).
    """
    own = replace(
        context,
        frames=taken[1] - taken[0],
        files=below(context.files, "effects"),
        window=Window(taken[0], context.frames),
    )
    processed = Chain.make(effects).process(sound, own)
    return fit(without_start(processed, given[0] - taken[0]), given[1] - given[0], context.channels)
