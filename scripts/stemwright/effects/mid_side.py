"""Effects on the middle and on the side of a stereo sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated

import numpy as np

from stemwright.audio import Spool, Stream
from stemwright.effects._base import Effect, SumLaw, paired
from stemwright.effects._chain import Chain
from stemwright.effects._reach import Reach
from stemwright.effects._stereo import StereoEffect
from stemwright.music.component import below
from stemwright.music.render_context import RenderContext
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Field

_OneChannelEffect = Annotated[dict, Choice("stemwright.effects", exclude=("auto_pan", "mid_side", "width"))]


@dataclass(frozen=True)
class MidSide(StereoEffect):
    """Effects on the middle, (L + R) / 2, and others on the side, (L - R) / 2; then left and right again."""

    example = """
      mid: [{compressor: {threshold_db: -20}}]
      side:
        - eq: {bands: [{highpass: {frequency_hz: 150}}]}
        - gain: {gain_db: 1.5}"""

    mid: Annotated[list[_OneChannelEffect], Field("Effects on the middle, in order.")] = field(
        default_factory=list
    )
    side: Annotated[list[_OneChannelEffect], Field("Effects on the side, in order.")] = field(
        default_factory=list
    )

    @property
    def adds_frequencies(self) -> bool:  # type: ignore[override]  # a class attribute of all other effects
        """Whether one of its effects does."""
        return any(effect.adds_frequencies for _, chain in self._chains() for effect in chain.effects)

    @property
    def sum_law(self) -> SumLaw:  # type: ignore[override]
        """Linear if all its effects are."""
        laws = {effect.sum_law for _, chain in self._chains() for effect in chain.effects}
        return "linear" if laws <= {"linear"} else "none"

    @property
    def needs_timeline(self) -> bool:
        return super().needs_timeline or any(chain.needs_timeline for _, chain in self._chains())

    def input_files(self) -> list[tuple[tuple, str]]:
        return [
            ((name, *where), path) for name, chain in self._chains() for where, path in chain.input_files()
        ]

    def side_chains(self) -> list[tuple[tuple, str]]:
        return [
            ((name, *where), other) for name, chain in self._chains() for where, other in chain.side_chains()
        ]

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        yield from super().problems(context)
        for place, effect in self._effects():
            for where, message in effect.problems(replace(context, channels=1)):
                yield (*place, *where), message

    def remarks(self, context: RenderContext) -> Iterator[str]:
        for _, effect in self._effects():
            yield from effect.remarks(replace(context, channels=1))

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        for place, effect in self._effects():
            yield from (((*place, *where), what) for where, what in effect.lacks())

    def is_only_here(self) -> bool:
        return any(chain.is_only_here() for _, chain in self._chains())

    def modules(self) -> list[str]:
        return sorted({module for _, chain in self._chains() for module in chain.modules()})

    def libraries(self) -> dict[str, str]:
        return {name: version for _, chain in self._chains() for name, version in chain.libraries().items()}

    def reach(self, context: RenderContext) -> Reach | None:
        halves = [chain.reach(replace(context, channels=1)) for _, chain in self._chains()]
        found = [each for each in halves if each is not None]
        if len(found) < len(halves):
            return None
        return Reach(max(each.before for each in found), max(each.after for each in found))

    def process(self, blocks: Stream, context: RenderContext) -> Stream:
        sound = Spool(2, blocks)  # one of the chains may read it all before the other begins
        halves = {
            "mid": ((block[:, :1] + block[:, 1:]) / 2 for block in sound.blocks()),
            "side": ((block[:, :1] - block[:, 1:]) / 2 for block in sound.blocks()),
        }
        mids, sides = (
            chain.process(halves[name], replace(context, channels=1, files=below(context.files, name)))
            for name, chain in self._chains()
        )
        for mid, side in paired(mids, sides):
            yield np.hstack((mid + side, mid - side))

    def _chains(self) -> list[tuple[str, Chain]]:
        return [("mid", Chain.make(self.mid)), ("side", Chain.make(self.side))]

    def _effects(self) -> Iterator[tuple[tuple, Effect]]:
        """Each effect, with its place in the keys."""
        for name, chain in self._chains():
            for position, effect in enumerate(chain.effects):
                for kind in effect.entry():
                    yield (name, position, kind), effect
