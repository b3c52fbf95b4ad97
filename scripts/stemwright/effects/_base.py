"""The base class of effects."""

from __future__ import annotations

from stemwright.audio import Stream
from stemwright.music.component import Component
from stemwright.music.render_context import RenderContext


class Effect(Component):
    """Base of an effect: a frozen dataclass of its keys that maps one stream to another."""

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        """Process a stream of blocks.

        The result has at least as many frames, starts at the same time, and does not depend on the sizes of the blocks.
        """
        raise NotImplementedError
