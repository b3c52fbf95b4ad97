"""What every effect is."""

from __future__ import annotations

from stemwright.audio import Stream
from stemwright.music.component import Component
from stemwright.music.render_context import RenderContext


class Effect(Component):
    """Base of an effect: a frozen dataclass of its keys that maps one stream to another."""

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        """The processed stream: at least as many frames, starting at the same time, whatever the sizes of blocks."""
        raise NotImplementedError
