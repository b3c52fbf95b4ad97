"""A slice of a song, as if the song were silent before and after: every stem is rendered anew and goes its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from stemwright import sources
from stemwright.audio import Spool, Stream, without_start
from stemwright.effects import Chain
from stemwright.mixing.shares import Step, through
from stemwright.mixing.slices import put_together, without_end, wrapped
from stemwright.music.component import below
from stemwright.music.render_context import RenderContext, Slice


def version_of_slices(
    slices: Sequence[Mapping[str, int]],
    stems: Mapping[str, Mapping[str, Any]],
    steps: Sequence[Step],
    context: RenderContext,
    *,
    frames: int,
    is_loop: bool,
) -> Stream:
    """What is made of slices of a song.

    Parameters
    ----------
    slices : sequence of mapping
        Of each the frames `start` and `end` (exclusive) in the song, the frame `at` which its start stands, and how
        many frames before it (`lead`) and after its end (`tail`) it may sound.
    stems : mapping of str to mapping
        Of each stem, by name, its `source`, `seed` and `effects`, perhaps its `sections` and its `harmony`.
    steps : sequence of Step
        The buses and the mix that they go through.
    context : RenderContext
        That of the song, with the files of all.
    frames : int
        The length of what is made.
    is_loop : bool
        Whether the one slice is a loop.

    Returns
    -------
    Stream
        Blocks of shape (frames, channels).
    """
    pieces = []
    for part in slices:
        own = replace(
            context,
            frames=part["end"] + part["tail"],
            slice=Slice(part["start"], part["end"], part["lead"], context.frames),
        )
        sounds = {name: _sound(name, keys, own) for name, keys in stems.items()}
        heard = through(
            sounds, [replace(step, context=replace(own, files=step.context.files)) for step in steps]
        )
        if part["tail"]:
            heard = without_end(heard, own.frames, context.rate)
        piece = Spool(context.channels, without_start(heard, own.first_frame))
        pieces.append((part["at"] - part["lead"], piece))
    if is_loop:
        pieces = wrapped(pieces[0][1], slices[0]["lead"], frames)
    return put_together(pieces, frames, context.channels)


def _sound(stem: str, keys: Mapping[str, Any], context: RenderContext) -> Stream:
    """A stem after its effects, in a slice."""
    own = replace(context, seed=keys["seed"], harmony=keys.get("harmony", ()))
    files = below(context.files, "stems", stem, "source")
    if "reference" in context.files:
        files["reference"] = context.files["reference"]
    # What looks for its place in the whole song (align) finds it as in the song.
    longer = replace(own, files=files, frames=max(own.frames, own.song_frames))
    sound = sources.render(sources.make(keys["source"]), longer, keys.get("sections"))
    return Chain.make(keys["effects"]).process(
        sound, replace(own, files=below(context.files, "stems", stem, "effects"))
    )
