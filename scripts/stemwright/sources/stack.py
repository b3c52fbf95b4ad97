"""Several sources as one stem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from stemwright.audio import Stream, fit, regular
from stemwright.canvas import Canvas
from stemwright.levels import Pan, channel_gains, pan_problem
from stemwright.sources._base import Source, below
from stemwright.spec import registry
from stemwright.spec.keys import Key, Spec
from stemwright.spec.kinds import Kinds
from stemwright.spec.names import parse_name

_PACKAGE = "stemwright.sources"


@dataclass(frozen=True)
class Layer(Spec):
    """A source in a stack, and its place in it."""

    source: Annotated[
        dict,
        Kinds(_PACKAGE, without=("reference", "stack")),
        Key("Where its sound comes from: one kind and its keys; no stack, and not the reference."),
    ]
    gain_db: Annotated[float, Key("Its level in the stem.", "dB", ge=-96, le=24)] = 0.0
    pan: Pan = 0.0

    @property
    def kind(self) -> str:
        return next(iter(self.source))

    def made(self) -> Source:
        return registry.make(_PACKAGE, self.source)


@dataclass(frozen=True)
class Stack(Source):
    """Several sources, layered into one stem: two guitars, a pad under a lead. Effects and fader are the stem's.
    What a layer draws by chance hangs on its name and the stem's."""

    layers: Annotated[
        dict[Annotated[str, Key("A name.", parse=parse_name)], Annotated[Layer, Key("A layer.")]],
        Key("The layers, by name.", min_length=1),
    ]

    def __post_init__(self) -> None:
        layers = {
            name: Layer(**keys) if isinstance(keys, dict) else keys for name, keys in self.layers.items()
        }
        object.__setattr__(self, "layers", layers)

    @property
    def rhythmic(self) -> bool:
        return all(source.rhythmic for _, _, source in self._sources())

    @property
    def in_time(self) -> bool:
        return any(source.in_time for _, _, source in self._sources())

    def input_files(self) -> list[tuple[tuple, str]]:
        return [
            ((*place, *where), path)
            for place, _, source in self._sources()
            for where, path in source.input_files()
        ]

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

    def problems(self, canvas: Canvas) -> Iterator[tuple[tuple, str]]:
        for name, layer in self.layers.items():
            if problem := pan_problem(layer.pan, canvas.channels):
                yield ("layers", name, "pan"), problem
        for place, _, source in self._sources():
            yield from (((*place, *where), message) for where, message in source.problems(canvas))

    def onsets(self, canvas: Canvas) -> Iterator[tuple[int, float]]:
        for place, layer, source in self._sources():
            for frame, level_db in source.onsets(self._canvas(canvas, place)):
                yield frame, level_db + layer.gain_db

    def render(self, canvas: Canvas) -> Stream:
        gains, streams = [], []
        for place, layer, source in self._sources():
            gains.append(np.array(channel_gains(layer.gain_db, layer.pan, canvas.channels)))
            own = source.render(self._canvas(canvas, place))
            streams.append(regular(fit(own, canvas.frames, canvas.channels)))
        for blocks in zip(*streams, strict=True):
            yield sum(block * gain for block, gain in zip(blocks, gains, strict=True))

    def _sources(self) -> Iterator[tuple[tuple[str, ...], Layer, Source]]:
        """Each layer with where its source stands in the keys, in the order of the names."""
        for name, layer in sorted(self.layers.items()):
            yield ("layers", name, "source", layer.kind), layer, layer.made()

    def _canvas(self, canvas: Canvas, place: tuple[str, ...]) -> Canvas:
        return replace(canvas, seed=f"{canvas.seed}/{place[1]}", files=below(canvas.files, *place))
