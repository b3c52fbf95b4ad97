"""The song's reference as a stem, untouched: in the mix, and not delivered unless asked."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.audio import AudioFile, Stream
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source


@dataclass(frozen=True)
class Reference(Source):
    """The song's reference, from its own start."""

    example = "{}"

    needs_reference = True

    def render(self, context: RenderContext) -> Stream:
        with AudioFile(context.files["reference"]) as reference:
            yield from reference.blocks()
