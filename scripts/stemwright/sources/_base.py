"""The base class of sources."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.audio import Stream
from stemwright.music.component import Component
from stemwright.music.parts._base import Event
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Section, TempoMap


class Source(Component):
    """Base of a source: a frozen dataclass of its keys that yields a stream."""

    needs_reference = False
    """Whether it reads the conformed reference of the song (role `reference` in the files of the render context)."""

    rhythmic = False
    """Whether it knows its onsets: gates compare the rendered stem with `onsets`."""

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

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        """Yield (frame, approximate level in dB) of every onset, in any order. Only for rhythmic sources."""
        raise NotImplementedError

    def render(self, context: RenderContext) -> Stream:
        """Render the sound: float blocks of shape (frames, channels), at the rate and channels of the context."""
        raise NotImplementedError
