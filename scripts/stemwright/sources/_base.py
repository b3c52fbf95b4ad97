"""The base class of sources."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.audio import Stream, at_gains, fit
from stemwright.audio.fades import ramp
from stemwright.music.component import Component
from stemwright.music.parts._base import Event
from stemwright.music.played import PlayedNote
from stemwright.music.render_context import RenderContext, Slice
from stemwright.music.timeline import Section, TempoMap

_LEAD_S, _EDGE_IN_S = 0.010, 0.002
"""A recording is cut this long before a bar line, since attacks may be early, and faded in at the start of a file."""


def lead_frames(rate: int) -> int:
    """How many frames before its start a slice of a song may sound."""
    return round(_LEAD_S * rate)


class Source(Component):
    """Base of a source: a frozen dataclass of its keys that yields a stream."""

    needs_reference = False
    """Whether it reads the conformed reference of the song (role `reference` in the files of the render context)."""

    rhythmic = False
    """Whether it knows its onsets: gates compare the rendered stem with `onsets`."""

    begins_notes = False
    """Whether it plays only what begins in the slice of its render context. What is no notes is cut there."""

    made_whole = False
    """Whether to make a part of it, all of it must be made: then a window takes it from the stem's file."""

    def uses(self, section: str) -> tuple[str, ...]:
        """What it uses of the harmony of sections with this name: `key`, `chords`, both or nothing."""
        return ()

    def counts_bars(self, section: Section, tempo: TempoMap) -> bool:
        """Whether what it plays in a section is placed, or measured, in bars and beats.

        Parameters
        ----------
        section : Section
            The section.
        tempo : TempoMap
            The tempo map of the song.

        Returns
        -------
        bool
        """
        return self.needs_timeline

    def sections(self) -> list[tuple[tuple, str]]:
        """The sections that its keys name, as (path in its keys, name); they must exist in the song."""
        return []

    def recordings(self) -> list[tuple[str, float]]:
        """The audio files that it plays, each with the second from which it is used."""
        return []

    def scores(self) -> list[tuple[str, Source]]:
        """What it plays that can be written down: for each, the name of its layer, and what its notes depend on.

        The name is empty for the source itself. Each has `written`.
        """
        return []

    def written(self, context: RenderContext) -> Iterator[Event]:
        """Yield every note as written, in any order, without swing and humanising. Only for what `scores` returns."""
        raise NotImplementedError

    def performances(self) -> list[tuple[str, Source]]:
        """What it plays that is notes: for each, the name of its layer, and what its notes depend on as they sound.

        As `scores`, but with swing and humanising. Each has `played`. The seed of a layer is that of the stem, `/`, and
        its name.
        """
        return []

    def played(self, context: RenderContext) -> Iterator[PlayedNote]:
        """Yield every note as it sounds, in any order. Only for what `performances` returns."""
        raise NotImplementedError

    @property
    def sounds_below(self) -> bool:
        """Whether an instrument that it plays has partials below its notes."""
        return False

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        """Yield (frame, approximate level in dB) of every onset, in any order. Only for rhythmic sources."""
        raise NotImplementedError

    def sound(self, context: RenderContext) -> Stream:
        """Render exactly the frames of the context; of a slice, only what sounds in it or begins there.

        What is not notes is cut 10 ms before the start and the end of a slice, with fades of 5 ms that add up to 1 with
        those of the slices beside it.
        """
        stream = fit(self.render(context), context.frames, context.channels)
        return stream if context.slice is None or self.begins_notes else _cut(stream, context.slice, context)

    def render(self, context: RenderContext) -> Stream:
        """Render the sound: float blocks of shape (frames, channels), at the rate and channels of the context."""
        raise NotImplementedError


def _cut(stream: Stream, part: Slice, context: RenderContext) -> Stream:
    import numpy as np

    lead = lead_frames(context.rate)
    fade = lead // 2
    at = 0
    for block in stream:
        n = np.arange(at, at + len(block))
        gain = np.ones(len(block))
        if part.start:
            early = part.lead >= lead
            gain *= ramp(n - (part.start - part.lead), fade if early else round(_EDGE_IN_S * context.rate))
        if part.end < context.frames:
            gain *= 1 - ramp(n - (part.end - lead), fade)
        yield at_gains(block, gain[:, None])
        at += len(block)
