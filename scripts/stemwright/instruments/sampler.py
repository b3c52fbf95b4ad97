"""A sampler: recordings of single notes or hits, each resampled to the pitches nearest to its own."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Annotated

import numpy as np

from stemwright.audio import AudioFile, Stream, as_channels
from stemwright.audio.fades import ramp
from stemwright.base.errors import AudioFileError, StemwrightError
from stemwright.instruments._base import Instrument, Note, controlled
from stemwright.instruments._sample_names import layers_of, roots_of
from stemwright.instruments.dsp.overlap_add import overlap_add
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.music.pitch import parse_note
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.problems import did_you_mean

_ENDINGS = (".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3")
_FADE_IN_S = 0.0005  # short enough to keep an attack
_FADE_OUT_S = 0.005  # fade-out where a recording ends, and cross-fade where it loops
_MAX_ONE_SHOT_S = 120
_MAX_MISTAKES = 5  # reported of the names in a folder
_MAX_INTERVAL = 48  # semitones between a note and its recording
_FILTER_FRAMES = 512  # frames read beyond those needed: more than half of soxr's longest filter


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
            roots = {parse_note(self.roots[name]): ""} if name in self.roots else roots_of(name)
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

    def play(self, notes: Sequence[Note], context: RenderContext) -> Stream:
        return overlap_add(self._sounds(notes, context), context)

    def _sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        files = {role.removeprefix("folder."): path for role, path in context.files.items()}
        zones, cache = self._zones(sorted(files)), SoundCache()
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
                make = partial(self._sound, files[name], self.loops.get(name), ratio, note.frames, context)
                return gain * cache.get((name, note.frames, note.pitch), make)

            yield note.frame, controlled(note, plain, context.rate)

    def _sound(
        self, path: str, loop: list[int] | None, ratio: float, held: int, context: RenderContext
    ) -> np.ndarray:
        """A file resampled to `ratio` times its pitch, at its own level, for a note held for `held` frames."""
        rate, release = context.rate, round(self.release_ms / 1000 * context.rate)
        with AudioFile(path) as file:
            step = ratio * file.rate / rate  # frames of the file per frame of the song
            wanted = math.ceil(file.frames / step) if self.one_shot else held + release
            needed = math.ceil((wanted + _FILTER_FRAMES) * step) + _FILTER_FRAMES
            if self.one_shot and file.frames > _MAX_ONE_SHOT_S * file.rate:
                raise AudioFileError(
                    f"{path}: is {file.frames / file.rate:,.0f} s long, a one-shot at most {_MAX_ONE_SHOT_S} s: "
                    "use the source audio for recordings"
                )
            end = file.frames if loop is None else loop[1]
            if end > file.frames:
                raise AudioFileError(f"{path}: has {file.frames:,} frames; the loop ends at {end:,}")
            wave = np.concatenate(
                list(as_channels(file.finite_blocks(0, min(end, needed)), context.channels))
            )
            if loop is not None and needed > end:
                wave = _extend_loop(wave, loop[0], loop[1], needed, round(_FADE_OUT_S * file.rate))
            if step != 1:
                import soxr

                wave = soxr.resample(np.ascontiguousarray(wave), file.rate * ratio, rate, "VHQ")
        wave = wave[:wanted]
        n = np.arange(len(wave))
        shape = ramp(n, round(_FADE_IN_S * rate)) * ramp(len(wave) - 1 - n, round(_FADE_OUT_S * rate))
        if not self.one_shot:
            shape *= ramp(held + release - 1 - n, release)
        return wave * shape[:, None]

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
            root = parse_note(self.roots[name]) if name in self.roots else next(iter(roots_of(name)))
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


def _extend_loop(wave: np.ndarray, start: int, end: int, frames: int, fade: int) -> np.ndarray:
    """Extend a recording to `frames` by repeating the frames from `start` to `end`.

    The last `fade` frames of the loop are cross-faded with those before its start. A seamless loop is not changed.
    """
    fade = min(fade, (end - start) // 2, start)
    crossfade = ramp(np.arange(fade), fade)[:, None]
    wave = wave.copy()
    wave[end - fade : end] += crossfade * (wave[start - fade : start] - wave[end - fade : end])
    n = np.arange(frames)
    return wave[np.where(n < end, n, start + (n - start) % (end - start))]
