"""What every effect is."""

from __future__ import annotations

from stemwright.audio import Stream
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable


class Effect(Configurable):
    """Base of an effect: a frozen dataclass of its keys that maps one stream to another."""

    @property
    def needs_timeline(self) -> bool:
        """Whether its result hangs on tempo, meter or sections: then its context has the timeline."""
        return False

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        raise NotImplementedError
