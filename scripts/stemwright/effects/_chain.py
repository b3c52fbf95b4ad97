"""A chain of effects, run in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from stemwright.audio import Stream, fit
from stemwright.effects._base import Effect
from stemwright.music.component import Component, below
from stemwright.music.render_context import RenderContext
from stemwright.validation import registry


class Chain(Component):
    """Effects in their order. It needs what any of them needs.

    Parameters
    ----------
    effects : sequence of Effect
        The effects, from the first to the last.
    """

    def __init__(self, effects: Sequence[Effect]):
        self.effects = tuple(effects)

    @classmethod
    def make(cls, entries: Iterable[dict]) -> Chain:
        """Make a chain from one-key maps, `[{"lowpass": {"cutoff_hz": 8000}}]`."""
        return cls([registry.make("stemwright.effects", entry) for entry in entries])

    @property
    def needs_timeline(self) -> bool:
        """Whether any effect needs it."""
        return any(effect.needs_timeline for effect in self.effects)

    def entries(self) -> list[dict]:
        """The effects as one-key maps of plain data, with all their keys and defaults."""
        return [effect.entry() for effect in self.effects]

    def input_files(self) -> list[tuple[tuple, str]]:
        """The input files of all effects, each as ((position, kind, *place in its keys), path)."""
        return [
            ((position, kind, *where), path)
            for position, effect in enumerate(self.effects)
            for kind in effect.entry()
            for where, path in effect.input_files()
        ]

    def unrepeatable(self) -> list[str]:
        """The kinds of its effects that may give another sound each time, by their key `repeatable`."""
        return [kind for effect in self.effects if not effect.repeatable for kind in effect.entry()]

    def modules(self) -> list[str]:
        """The modules of the effects, and those that they use."""
        modules = {type(effect).__module__ for effect in self.effects}
        return sorted(modules.union(*(effect.modules() for effect in self.effects)))

    def libraries(self) -> dict[str, str]:
        """The versions of the libraries of all effects, by name."""
        return {name: version for effect in self.effects for name, version in effect.libraries().items()}

    def process(self, blocks: Iterable[np.ndarray], context: RenderContext) -> Stream:
        """Run a stream through the effects, to exactly the length of the render context.

        A shorter stream is continued with silence, so that tails ring out into it; what would sound after the end
        is cut.
        """
        stream = fit(blocks, context.frames, context.channels)
        for position, effect in enumerate(self.effects):
            (kind,) = effect.entry()
            own = replace(context, files=below(context.files, position, kind)) if context.files else context
            stream = fit(effect.process(stream, own), context.frames, context.channels)
        return stream
