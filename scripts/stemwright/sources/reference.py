"""The song's reference as a stem, unchanged: it is in the mix, and delivered only if asked for."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.audio import AudioFile, Stream
from stemwright.music.render_context import RenderContext
from stemwright.sources._base import Source


@dataclass(frozen=True)
class Reference(Source):
    """The song's reference recording, unchanged, from its start."""

    example = "{}"

    needs_reference = True

    def render(self, context: RenderContext) -> Stream:
        with AudioFile(context.files["reference"]) as reference:
            yield from reference.blocks()
