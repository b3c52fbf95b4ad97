"""An instrument that plays an SFZ file: recordings, and a text that says which note plays which."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Annotated

import numpy as np

from stemwright.audio.fades import ramp
from stemwright.base.decibels import amplitude
from stemwright.base.errors import StemwrightError
from stemwright.instruments._base import Instrument, Note, controlled
from stemwright.instruments._recording import FADE_OUT_S, Recording, edge_gain
from stemwright.instruments.dsp.balance import balance
from stemwright.instruments.dsp.chokes import choke, choke_frames
from stemwright.instruments.dsp.sound_cache import SoundCache
from stemwright.instruments.soundfonts import sfz_text
from stemwright.instruments.soundfonts.sfz_region import Region, parse_region
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field

_MAX_MISSING = 5  # samples that are named in messages
_MAX_SEMITONES = 60
_MAX_LAYERS = 100  # regions that one note plays; the largest pianos have some ten
_MAX_READ = 16
_READ: dict[tuple[str, int, int], _Content] = {}
"""Files that were read, by path, time of change and size: planning asks several times."""

_FALL = 9.0
"""Decays and releases fall by exp(-9), 78 dB, in their time, as those of sfizz (ADSREnvelope.cpp)."""


@dataclass(frozen=True)
class Sfz(Instrument):
    """An SFZ file (sfzformat.com): recordings of notes or hits, mapped to keys and velocities.
    What is played: sample, key, lokey, hikey, lovel, hivel, pitch_keycenter, pitch_keytrack, tune, transpose, volume,
    pan, amp_veltrack, ampeg_attack, _decay, _sustain and _release, offset, end, loop_mode, loop_start, loop_end, group,
    off_by, seq_length and seq_position, lorand and hirand, loccN and hiccN (by set_ccN), sw_default; headers control,
    global, master, group and region; #include and #define. Of other opcodes in a file, the job of the stem tells.
    """

    example = "{file: samples/piano/piano.sfz}"

    file: Annotated[
        str, Field("Path of the file, from the working directory; absolute and ~ work too.", min_length=1)
    ]

    def input_files(self) -> list[tuple[tuple, str]]:
        try:
            names = self._content().files
        except StemwrightError:  # told by `problems`
            names = ()
        found = [(("file", name), self._located(name)) for name in names]
        return [
            (("file",), self.file),
            *(each for each in found if os.path.isfile(os.path.expanduser(each[1]))),
        ]

    def recordings(self) -> list[str]:
        found = self.input_files()[1:]
        samples = {region.sample for region in self._content().regions} if found else set()
        return [path for (_, name), path in found if name in samples]

    def keys(self, files: Iterable[str]) -> frozenset[int]:
        return self._content().keys

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        if not os.path.exists(os.path.expanduser(self.file)):
            yield ("file",), f"there is no such file (is {self.file!r}, from the working directory)"
            return
        if not os.path.isfile(os.path.expanduser(self.file)):
            return  # told with the other files that are none
        try:
            content = self._content()
        except StemwrightError as error:
            yield ("file",), str(error)
            return
        if not content.regions:
            yield (
                ("file",),
                f"{self.file}: has no region that can be played: {content.left_out or 'it has no <region>'}",
            )
        missing = [n for n in content.files if not os.path.isfile(os.path.expanduser(self._located(n)))]
        for name in missing[:_MAX_MISSING]:
            yield ("file",), f"{self.file}: there is no {name} in its folder"
        if len(missing) > _MAX_MISSING:
            yield ("file",), f"{self.file}: {len(missing) - _MAX_MISSING} more of its files are not there"

    def remarks(self, context: RenderContext) -> Iterator[str]:
        content, name = _content_of(context), os.path.basename(context.files["file"])
        if content.unread:
            yield f"{name}: is played without its {content.unread}"
        if content.left_out:
            yield f"{name}: left out: {content.left_out}"

    def sounds(self, notes: Sequence[Note], context: RenderContext) -> Iterator[tuple[int, np.ndarray]]:
        regions, cache = _content_of(context).regions, SoundCache()
        voices = list(self._voices(notes, regions, context))
        hits = [
            (notes[n].frame, (r.group,) if r.group else (), (r.off_by,) if r.off_by else ())
            for n, r in voices
        ]
        ended = zip(voices, choke_frames(hits), strict=True)
        by_note = {n: list(each) for n, each in groupby(ended, key=lambda voice: voice[0][0])}
        for index, note in enumerate(notes):
            sound = np.zeros((0, context.channels))
            for (_, region), end in by_note.get(index, []):
                one = controlled(note, partial(self._voice, region, cache, context), context.rate)
                sound = _sum(sound, choke(one, note.frame, end, context.rate))
            yield note.frame, sound

    def _voices(
        self, notes: Sequence[Note], regions: Sequence[Region], context: RenderContext
    ) -> Iterator[tuple[int, Region]]:
        """The number of a note and a region that it plays, for each of them."""
        by_key: dict[int, list[int]] = {}
        for index, region in enumerate(regions):
            for key in range(max(0, region.keys[0]), min(127, region.keys[1]) + 1):
                by_key.setdefault(key, []).append(index)
        counts: Counter[int] = Counter()  # for the round robin
        for number, note in enumerate(notes):
            key, velocity = round(note.pitch), note.midi_velocity
            if key not in by_key:
                raise StemwrightError(
                    f"{context.files['file']}: has no region at MIDI key {key}: change transpose or the part"
                )
            chance = random.Random(f"{context.seed}/{key}/{note.frame}").random()
            layers = 0
            for index in by_key[key]:
                region = regions[index]
                if not region.velocities[0] <= velocity <= region.velocities[1]:
                    continue
                turn = counts[index] % region.sequence[0] + 1
                counts[index] += 1
                low, high = region.random
                if turn == region.sequence[1] and low <= chance < high:
                    layers += 1
                    if layers > _MAX_LAYERS:
                        raise StemwrightError(
                            f"{region.place}: MIDI key {key} at velocity {velocity} plays more than {_MAX_LAYERS} "
                            "regions at once: give each its keys and velocities (lokey, hikey, lovel, hivel)"
                        )
                    yield number, region

    def _voice(self, region: Region, cache: SoundCache, context: RenderContext, note: Note) -> np.ndarray:
        """One region of a note."""
        make = partial(_rendered, region, note.pitch, note.frames, context)
        squared = note.velocity**2
        level = 1 - region.veltrack * (1 - squared) if region.veltrack >= 0 else 1 + region.veltrack * squared
        return cache.get((region, note.pitch, note.frames), make) * level

    def _content(self) -> _Content:
        return _content(os.path.expanduser(self.file), lambda name: os.path.expanduser(self._located(name)))

    def _located(self, name: str) -> str:
        return os.path.join(os.path.dirname(self.file), name)


@dataclass(frozen=True)
class _Content:
    """What an SFZ file has: the regions that are played, the files that they need, and what is not played, in words."""

    regions: tuple[Region, ...]
    files: tuple[str, ...]
    unread: str
    left_out: str

    @property
    def keys(self) -> frozenset[int]:
        """The MIDI keys at which it sounds."""
        return frozenset(key for region in self.regions for key in range(region.keys[0], region.keys[1] + 1))


def _content_of(context: RenderContext) -> _Content:
    """The content of the file in a job."""
    return _content(context.files["file"], lambda name: context.files[f"file.{name}"])


def _content(path: str, locate: Callable[[str], str]) -> _Content:
    try:
        status = os.stat(path)
    except OSError as error:
        raise StemwrightError(f"{path}: cannot be read: {error.strerror}") from None
    key = path, status.st_mtime_ns, status.st_size
    if key not in _READ:
        if len(_READ) >= _MAX_READ:
            _READ.clear()
        _READ[key] = _read(path, locate)
    return _READ[key]


def _read(path: str, locate: Callable[[str], str]) -> _Content:
    text = sfz_text.read(path, locate)
    parsed = [parse_region(raw) for raw in text.regions]
    regions = [region for region, _ in parsed if isinstance(region, Region)]
    reasons = Counter(region for region, _ in parsed if isinstance(region, str))
    unread = Counter(name for _, names in parsed for name in names)
    unread.update({f"<{header}>": 1 for header in text.other_headers})
    files = dict.fromkeys([*text.includes, *(region.sample for region in regions)])
    return _Content(
        tuple(regions),
        tuple(files),
        ", ".join(
            f"{name} ({count:,} regions)" if count > 1 else name for name, count in unread.most_common()
        ),
        ", ".join(
            f"{count:,} region{'' if count == 1 else 's'} with {reason}"
            for reason, count in reasons.most_common()
        ),
    )


def _rendered(region: Region, pitch: float, held: int, context: RenderContext) -> np.ndarray:
    """A region at a pitch, for a note held for `held` frames, at the level of full velocity."""
    rate = context.rate
    semitones = region.keytrack * (pitch - region.center) + region.tuning
    if abs(semitones) > _MAX_SEMITONES:
        raise StemwrightError(
            f"{region.place}: MIDI key {pitch:g} is {abs(semitones):g} semitones from its sample; at most "
            f"{_MAX_SEMITONES}"
        )
    release = round(max(region.release, FADE_OUT_S) * rate)
    recording = Recording(context.files[f"file.{region.sample}"], region.start, region.end, region.loop)
    wave = recording.resampled(2 ** (semitones / 12), None if region.one_shot else held + release, context)
    n = np.arange(len(wave))
    shape = edge_gain(len(wave), rate) * amplitude(region.volume)
    if region.attack:
        shape *= np.minimum(1, n / (region.attack * rate))
    if region.decay or region.sustain < 1:
        since = np.maximum(0, n / rate - region.attack)
        shape *= np.maximum(region.sustain, np.exp(-_FALL * since / max(region.decay, 0.001)))
    if not region.one_shot:
        shape *= np.exp(-_FALL * np.maximum(0, n - held) / release) * ramp(
            held + release - 1 - n, release // 4
        )
    return wave * shape[:, None] * balance(region.pan, context.channels)


def _sum(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sum of two sounds of any lengths."""
    if not len(a):
        return b
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    longer = longer.copy()
    longer[: len(shorter)] += shorter
    return longer
