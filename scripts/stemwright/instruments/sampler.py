"""A sampler: recordings of single notes or hits, each resampled to the pitches nearest to its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import pairwise
from typing import Annotated

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.errors import StemwrightError
from stemwright.instruments._base import Instrument, Note, controlled
from stemwright.instruments._recording import Recording, edge_gain
from stemwright.instruments._sample_names import layers_of, piece_of, roots_of
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.music.pitch import parse_note
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.problems import did_you_mean

_ENDINGS = (".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3")
_MAX_MISTAKES = 5  # reported of the names in a folder
_MAX_INTERVAL = 48  # semitones between a note and its recording


@dataclass(frozen=True)
class Sampler(Instrument):
    """Recordings of single notes or hits: every WAV, AIFF, FLAC, Ogg and MP3 file of a folder.
    The name of a file contains its note (`piano_C3.wav`, `Bb2.flac`; C4 is middle C) and may contain its velocity
    layer, as a number (`C3_v1.wav`, `C3_v2.wav`, … from soft to loud) or as dynamics (`C3.pp.wav`, `C3_mf.wav`,
    `C3_forte.wav`, `C3_soft.wav`). A name that can be read in two ways is a mistake. Files of the same note and layer
    are played in turn (round robin: `C#4-1.wav`, `C#4-2.wav`). A note is played from the file nearest in pitch (of two
    equally near, the lower one). Its level follows the square of the velocity, with layers relative to the highest
    velocity of each layer.
    """

    example = "{folder: samples/piano, release_ms: 250, loops: {pad_C3.wav: [12000, 60000]}}"

    folder: Annotated[
        str, Field("Path of the folder, from the working directory; absolute and ~ work too.", min_length=1)
    ]
    roots: Annotated[
        dict[str, Annotated[str, Field("The note that is recorded.", parse=parse_note)]],
        Field("The recorded note of files without one in their names, by file name."),
    ] = field(default_factory=dict)
    layers: (
        Annotated[
            list[Annotated[int, Field("A velocity.", ge=1, le=127)]],
            Field(
                "The highest velocity of each layer, softest first; by default, layers share 1 to 127 equally."
            ),
        ]
        | None
    ) = None
    loops: Annotated[
        dict[
            str,
            Annotated[
                list[Annotated[int, Field("A frame.", ge=0)]],
                Field("The first frame of the loop, and the one after its last.", min_length=2, max_length=2),
            ],
        ],
        Field(
            "The stretch that repeats while a note is held, in frames of the file, by file name.", "frames"
        ),
    ] = field(default_factory=dict)
    one_shot: Annotated[bool, Field("Play each file to its end, however short the note.")] = False
    release_ms: Annotated[float, Field("Fade-out after the end of a note.", "ms", ge=1, le=20_000)] = 120.0

    def __post_init__(self) -> None:
        if self.layers is not None and (
            not self.layers or self.layers[-1] != 127 or any(b <= a for a, b in pairwise(self.layers))
        ):
            raise ValueError(f"layers must rise, to 127 (is {self.layers})")
        for name, (start, end) in self.loops.items():
            if end - start < 2:
                raise ValueError(f"loops.{name} must end after it starts (is {[start, end]})")
        if self.one_shot and self.loops:
            raise ValueError("one_shot plays each file once: it cannot have loops")

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("folder", name), os.path.join(self.folder, name)) for name in self._file_names()]

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        names = self._file_names()
        if not names:
            found = os.path.exists(os.path.expanduser(self.folder).replace("\0", "/"))
            what = f"has no {', '.join(_ENDINGS)} file in it" if found else "there is no such folder"
            yield ("folder",), f"{what} (is {self.folder!r}, from the working directory)"
            return
        for key in ("roots", "loops"):
            for name in getattr(self, key):
                if name not in names:
                    yield (key, name), f"is no audio file in {self.folder}{did_you_mean(name, names)}"
        mistakes = list(self._name_mistakes(names))
        yield from ((("folder",), message) for message in mistakes[:_MAX_MISTAKES])
        if len(mistakes) > _MAX_MISTAKES:
            yield ("folder",), f"{len(mistakes) - _MAX_MISTAKES} more names like these"
        if not mistakes and self.layers is not None:
            for root, layers in self._zones(names).items():
                if len(layers) != len(self.layers):
                    yield (
                        ("layers",),
                        f"must be as many as the files have: {len(layers)} at MIDI note {root}, such as "
                        f"{layers[0][0]} (is {len(self.layers)})",
                    )
                    return

    def _name_mistakes(self, names: Sequence[str]) -> Iterator[str]:
        """What is wrong with the names of the files: no note, two readings, layers that cannot be put in order."""
        kinds: dict[
            int, dict[str, str]
        ] = {}  # of each note, the kinds of layer of its files, with a file of each
        for name in names:
            roots = self._roots_of(name)
            layers = layers_of(name)
            if not roots:
                yield f"{name}: no note such as C3 in the name; give it in roots"
            elif len(roots) > 1:
                yield f"{name}: its note may be {' or '.join(roots.values())}; give it in roots"
            elif len(layers) > 1:
                yield f"{name}: its layer may be {' or '.join(layers.values())}; rename the file"
            else:
                kind = next((kind for kind, _ in layers), "none")
                kinds.setdefault(next(iter(roots)), {}).setdefault(kind, name)
        for of_note in kinds.values():
            if len(of_note) > 1:
                one, other = list(of_note.values())[:2]
                yield (
                    f"{one}, {other}: which is softer is not known: mark the layers of a note all with numbers, all "
                    "with dynamics, or not at all"
                )

    def recordings(self) -> list[str]:
        return [path for _, path in self.input_files()]

    def as_kit(self, pieces: Mapping[str, int]) -> Instrument:
        return _Kit(
            **{key.name: getattr(self, key.name) for key in fields(self)} | {"one_shot": not self.loops},
            pieces=pieces,
        )

    def keys(self, files: Iterable[str]) -> frozenset[int]:
        return frozenset(self._zones(_names(files)))

    def sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        zones, cache = self._zones(_names(context.files)), SoundCache()
        play_counts: Counter[tuple[str, ...]] = Counter()  # for the round robin
        for note in notes:
            root = min(zones, key=lambda root: (abs(root - note.pitch), root))
            if abs(root - note.pitch) > _MAX_INTERVAL:
                raise StemwrightError(
                    f"MIDI note {note.pitch:g} is {abs(root - note.pitch):g} semitones from the nearest recording, "
                    f"{zones[root][0][0]}: at most {_MAX_INTERVAL}"
                )
            takes, gain = self._layer(zones[root], note.velocity)
            name = takes[play_counts[takes] % len(takes)]
            play_counts[takes] += 1

            def plain(note: Note, name: str = name, root: int = root, gain: float = gain) -> np.ndarray:
                ratio = 2 ** ((note.pitch - root) / 12)
                make = partial(self._sound, name, ratio, note.frames, context)
                return gain * cache.get((name, note.frames, note.pitch), make)

            yield note.frame, controlled(note, plain, context.rate)

    def _sound(self, name: str, ratio: float, held: int, context: RenderContext) -> np.ndarray:
        """A file resampled to `ratio` times its pitch, at its own level, for a note held for `held` frames."""
        rate, release = context.rate, round(self.release_ms / 1000 * context.rate)
        loop = self.loops.get(name)
        recording = Recording(context.files[f"folder.{name}"], loop=(loop[0], loop[1]) if loop else None)
        wave = recording.resampled(ratio, None if self.one_shot else held + release, context)
        shape = edge_gain(len(wave), rate)
        if not self.one_shot:
            shape *= ramp(held + release - 1 - np.arange(len(wave)), release)
        return wave * shape[:, None]

    def _roots_of(self, name: str) -> dict[int, str]:
        """The notes that a file may be of, and how each is written in its name."""
        return {parse_note(self.roots[name]): ""} if name in self.roots else roots_of(name)

    def _layer(self, layers: list[tuple[str, ...]], velocity: float) -> tuple[tuple[str, ...], float]:
        """The files of the layer that a velocity selects, and their gain."""
        upper_bounds = [top / 127 for top in self.layers or ()] or [
            (index + 1) / len(layers) for index in range(len(layers))
        ]
        index = next(i for i, top in enumerate(upper_bounds) if velocity <= top + 1e-9)
        return layers[index], (velocity / upper_bounds[index]) ** 2

    def _zones(self, names: Sequence[str]) -> dict[int, list[tuple[str, ...]]]:
        """The layers of each recorded note, by MIDI number: from soft to loud, each a tuple of its files."""
        found: dict[int, dict[int, list[str]]] = {}
        for name in names:
            root = next(iter(self._roots_of(name)))
            layer = next((number for _, number in layers_of(name)), 0)
            found.setdefault(root, {}).setdefault(layer, []).append(name)
        return {root: [tuple(layers[n]) for n in sorted(layers)] for root, layers in sorted(found.items())}

    def _file_names(self) -> list[str]:
        """The names of the folder's audio files, sorted; empty if there is no such folder."""
        try:
            names = os.listdir(os.path.expanduser(self.folder))
        except (OSError, ValueError):
            return []
        return sorted(n for n in names if n.lower().endswith(_ENDINGS) and not n.startswith("."))


@dataclass(frozen=True)
class _Kit(Sampler):
    """A folder of hits: a file's name may say its piece."""

    pieces: Mapping[str, int] = field(default_factory=dict)

    def _roots_of(self, name: str) -> dict[int, str]:
        if name not in self.roots and (piece := piece_of(name, self.pieces)):
            return {self.pieces[piece]: piece}
        return super()._roots_of(name)


def _names(roles: Iterable[str]) -> list[str]:
    """The names of files, sorted, by their roles."""
    return sorted(role.removeprefix("folder.") for role in roles)
