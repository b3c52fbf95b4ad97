"""What every source is."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.audio import Stream
from stemwright.music.component import Component
from stemwright.music.render_context import RenderContext


class Source(Component):
    """Base of a source: a frozen dataclass of its keys that yields a stream."""

    needs_reference = False
    """Whether it reads the song's conformed reference (role `reference` of the context's files)."""

    rhythmic = False
    """Whether it writes when its sounds begin: `onsets` tells, and gates hold the stem against it."""

    def uses(self, section: str) -> tuple[str, ...]:
        """What it plays of the harmony of sections of this name: `key`, `chords`, both or nothing."""
        return ()

    def sections(self) -> list[tuple[tuple, str]]:
        """Sections it names, each as (where in its keys, name), to be held against the song's."""
        return []

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        """(frame, level in dB, about) of every sound that it writes, in any order."""
        raise NotImplementedError

    def render(self, context: RenderContext) -> Stream:
        raise NotImplementedError
