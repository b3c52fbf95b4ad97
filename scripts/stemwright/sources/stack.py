"""Several sources layered into one stem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, reblock
from stemwright.mixing.faders import Pan, channel_gains, pan_problem
from stemwright.music.component import below
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import Section, TempoMap
from stemwright.sources._base import Source
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Configurable, Field
from stemwright.validation.names import parse_name

_PACKAGE = "stemwright.sources"


@dataclass(frozen=True)
class Layer(Configurable):
    """A layer of a stack: its source, gain and pan."""

    source: Annotated[
        dict,
        Choice(_PACKAGE, exclude=("reference", "stack")),
        Field("The source of the layer: one kind and its keys, except stack and reference."),
    ]
    gain_db: Annotated[float, Field("Level of the layer in the stem.", "dB", ge=-96, le=24)] = 0.0
    pan: Pan = 0.0

    @property
    def kind(self) -> str:
        """The kind of its source."""
        return next(iter(self.source))

    def make_source(self) -> Source:
        """Make its source."""
        return registry.make(_PACKAGE, self.source)


@dataclass(frozen=True)
class Stack(Source):
    """Several sources layered into one stem: two guitars, a pad under a lead. Effects and fader apply to the stem as a
    whole. The random numbers of a layer depend on its name and the stem's.
    """

    example = """
    layers:
      comping: {source: {play: {instrument: {preset: {name: nylon}}, parts: {"*": {chords: x--x--x-}}}}}
      hits: {source: {audio: {file: loops/shaker.wav, loop_bars: 4}}, gain_db: -6, pan: 0.3}"""

    layers: Annotated[
        dict[Annotated[str, Field("A name.", parse=parse_name)], Annotated[Layer, Field("A layer.")]],
        Field("The layers, by name.", min_length=1),
    ]

    def __post_init__(self) -> None:
        layers = {
            name: Layer(**keys) if isinstance(keys, dict) else keys for name, keys in self.layers.items()
        }
        object.__setattr__(self, "layers", layers)

    begins_notes = True  # or its layers are cut, each by itself

    @property
    def rhythmic(self) -> bool:  # type: ignore[override]  # a class attribute of all other sources
        """Whether every layer states its onsets."""
        return all(source.rhythmic for _, _, source in self._sources())

    @property
    def made_whole(self) -> bool:  # type: ignore[override]
        """Whether any layer is."""
        return any(source.made_whole for _, _, source in self._sources())

    @property
    def needs_timeline(self) -> bool:
        return any(source.needs_timeline for _, _, source in self._sources())

    def counts_bars(self, section: Section, tempo: TempoMap) -> bool:
        return any(source.counts_bars(section, tempo) for _, _, source in self._sources())

    def input_files(self) -> list[tuple[tuple, str]]:
        return [
            ((*place, *where), path)
            for place, _, source in self._sources()
            for where, path in source.input_files()
        ]

    def recordings(self) -> list[tuple[str, float]]:
        return [file for _, _, source in self._sources() for file in source.recordings()]

    def is_only_here(self) -> bool:
        return any(source.is_only_here() for _, _, source in self._sources())

    def held_bytes(self, context: RenderContext) -> int:
        return sum(source.held_bytes(context) for _, _, source in self._sources())

    def modules(self) -> list[str]:
        modules = {
            m for _, _, source in self._sources() for m in (type(source).__module__, *source.modules())
        }
        return sorted(modules)

    def libraries(self) -> dict[str, str]:
        return {
            name: version for _, _, source in self._sources() for name, version in source.libraries().items()
        }

    def uses(self, section: str) -> tuple[str, ...]:
        return tuple(sorted({used for _, _, source in self._sources() for used in source.uses(section)}))

    def sections(self) -> list[tuple[tuple, str]]:
        return [
            ((*place, *where), name)
            for place, _, source in self._sources()
            for where, name in source.sections()
        ]

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        for name, layer in self.layers.items():
            if problem := pan_problem(layer.pan, context.channels):
                yield ("layers", name, "pan"), problem
        for place, _, source in self._sources():
            own = self._context(context, place)
            yield from (((*place, *where), message) for where, message in source.problems(own))

    def doubts(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        for place, _, source in self._sources():
            yield from (((*place, *where), message) for where, message in source.doubts(context))

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        for place, _, source in self._sources():
            yield from (((*place, *where), what) for where, what in source.lacks())

    def remarks(self, context: RenderContext) -> Iterator[str]:
        for place, _, source in self._sources():
            yield from source.remarks(self._context(context, place))

    def scores(self) -> list[tuple[str, Source]]:
        return [(place[1], score) for place, _, source in self._sources() for _, score in source.scores()]

    def performances(self) -> list[tuple[str, Source]]:
        return [
            (place[1], played) for place, _, source in self._sources() for _, played in source.performances()
        ]

    @property
    def sounds_below(self) -> bool:
        return any(source.sounds_below for _, _, source in self._sources())

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        for place, layer, source in self._sources():
            for frame, level_db in source.onsets(self._context(context, place)):
                yield frame, level_db + layer.gain_db

    def render(self, context: RenderContext) -> Stream:
        gains, streams = [], []
        for place, layer, source in self._sources():
            gains.append(np.array(channel_gains(layer.gain_db, layer.pan, context.channels)))
            streams.append(reblock(source.sound(self._context(context, place))))
        for blocks in zip(*streams, strict=True):
            yield sum(block * gain for block, gain in zip(blocks, gains, strict=True))

    def _sources(self) -> Iterator[tuple[tuple[str, ...], Layer, Source]]:
        """(place of the source in the keys, layer, source) of each layer, sorted by name."""
        for name, layer in sorted(self.layers.items()):
            yield ("layers", name, "source", layer.kind), layer, layer.make_source()

    def _context(self, context: RenderContext, place: tuple[str, ...]) -> RenderContext:
        return replace(context, seed=f"{context.seed}/{place[1]}", files=below(context.files, *place))
