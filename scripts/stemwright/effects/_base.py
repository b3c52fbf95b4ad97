"""What every effect is."""

from __future__ import annotations

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.spec.keys import Spec


class Effect(Spec):
    """Base of an effect: a frozen dataclass of its keys that maps one stream to another."""

    @property
    def in_time(self) -> bool:
        """Whether its result hangs on tempo, meter or sections: then its canvas has the timeline."""
        return False

    def process(self, blocks: Stream, canvas: Canvas) -> Stream:
        raise NotImplementedError
