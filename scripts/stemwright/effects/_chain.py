"""A chain of effects, run in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from stemwright.audio import Spool, Stream, fit
from stemwright.effects._base import Effect, GainEffect
from stemwright.effects._reach import Reach
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

    def is_only_here(self) -> bool:
        """Whether any effect is."""
        return any(effect.is_only_here() for effect in self.effects)

    def side_chains(self) -> list[tuple[tuple, str]]:
        """The side-chains of all effects, each as ((position, kind, *place in its keys), stem or bus)."""
        return [
            ((position, kind, *where), name)
            for position, effect in enumerate(self.effects)
            for kind in effect.entry()
            for where, name in effect.side_chains()
        ]

    def held_bytes(self, context: RenderContext) -> int:
        """What all effects hold: they run at the same time."""
        return sum(effect.held_bytes(context) for effect in self.effects)

    def modules(self) -> list[str]:
        """The modules of the effects, and those that they use."""
        modules = {type(effect).__module__ for effect in self.effects}
        return sorted(modules.union(*(effect.modules() for effect in self.effects)))

    def libraries(self) -> dict[str, str]:
        """The versions of the libraries of all effects, by name."""
        return {name: version for effect in self.effects for name, version in effect.libraries().items()}

    def reach(self, context: RenderContext) -> Reach | None:
        """What of its input is heard in its output at a moment; None if that may be all of it."""
        found = Reach()
        for effect in self.effects:
            if (more := effect.reach(context)) is None:
                return None
            found += more
        return found

    def process(self, blocks: Iterable[np.ndarray], context: RenderContext) -> Stream:
        """Run a stream through the effects, to exactly the length of the render context.

        A shorter stream is continued with silence, so that tails ring out into it; what would sound after the end
        is cut.
        """
        stream = fit(blocks, context.frames, context.channels)
        for effect, own in self._placed(context):
            stream = fit(effect.process(stream, own), context.frames, context.channels)
        return stream

    def curves(self, blocks: Iterable[np.ndarray], context: RenderContext) -> list[Spool]:
        """The gain curve of each of its gain effects, in order, as they are when a whole stream runs through the chain.

        Each has a factor for every frame and channel. No effect may have the sum law `none`.
        """
        found: list[Spool] = []
        stream = fit(blocks, context.frames, context.channels)
        for effect, own in self._placed(context):
            if isinstance(effect, GainEffect):
                whole = Spool(context.channels, stream)
                gains = fit(effect.gains(whole.blocks(), own), context.frames, 1)
                found.append(Spool(context.channels, (_widened(gain, context.channels) for gain in gains)))
                stream = effect.apply(whole.blocks(), found[-1].blocks(), own)
            else:
                stream = effect.process(stream, own)
            stream = fit(stream, context.frames, context.channels)
        return found

    def share(self, blocks: Iterable[np.ndarray], curves: Iterable[Stream], context: RenderContext) -> Stream:
        """What the chain makes of a share of its input, such that the shares of a sum add up to the chain of the sum.

        Parameters
        ----------
        blocks : iterable of numpy.ndarray
            The share: blocks of shape (frames, channels).
        curves : iterable of Stream
            The gain curve of each gain effect, in order, see `curves`.
        context : RenderContext
            The render context.

        Returns
        -------
        Stream
            Blocks of as many frames as the context has.
        """
        following = iter(curves)
        stream = fit(blocks, context.frames, context.channels)
        for effect, own in self._placed(context):
            changed = (
                effect.apply(stream, next(following), own)
                if isinstance(effect, GainEffect)
                else effect.process(stream, own)
            )
            stream = fit(changed, context.frames, context.channels)
        return stream

    @property
    def curve_count(self) -> int:
        """How many of its effects have a gain curve."""
        return sum(isinstance(effect, GainEffect) for effect in self.effects)

    def _placed(self, context: RenderContext) -> Iterator[tuple[Effect, RenderContext]]:
        """Each effect, with the render context that has its own files."""
        for position, effect in enumerate(self.effects):
            (kind,) = effect.entry()
            yield (
                effect,
                replace(context, files=below(context.files, position, kind)) if context.files else context,
            )


def _widened(gains: np.ndarray, channels: int) -> np.ndarray:
    """Gains of shape (frames, 1) or (frames, channels) as (frames, channels)."""
    return np.ascontiguousarray(np.broadcast_to(gains, (len(gains), channels)))
