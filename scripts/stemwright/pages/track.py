"""Tracks: what a page draws and plays of one strip, or of one whole such as the mix.

A track is two files that a page loads with `<script src=…>`, since a page from disk may not fetch: `ID.js` calls
`stemwright.track` with all that is drawn, `ID.audio.js` calls `stemwright.audio` with the chunks of the preview.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stemwright.audio import AudioFile, Stream, at_gains, resample, resampled_frames
from stemwright.base.files import atomic_write
from stemwright.measure.loudness import Loudness
from stemwright.mixing.faders import Faders
from stemwright.pages.peaks import Peaks
from stemwright.pages.previews import CHUNK_S, OVERLAP_S, Encoder, chunks, decode, preview_rate
from stemwright.pages.script_json import script_json
from stemwright.pages.spectrogram import Spectrogram

_POINTS = 1_200  # of a curve of loudness, at most
_LOUDNESS_STEP_S, _METER_STEP_S = 0.1, 0.01


@dataclass(frozen=True)
class Source:
    """A file that is drawn: its `path`, its `stage`, its `file` below the song's folder, and its `sha256`."""

    path: str
    stage: str
    file: str
    sha256: str


def write_track(drawn: str, audio: str, name: str, sources: Sequence[Source], faders: Faders | None) -> None:
    """Write the two files of a track. Each source is read once, in blocks.

    Parameters
    ----------
    drawn, audio : str
        The files to write.
    name : str
        The ID of the track.
    sources : sequence of Source
        What is drawn. The last one is also played. Another one with the same bytes is left out.
    faders : Faders or None
        Of a strip, its way to what it feeds, through which it is played. None for a whole: its loudness is drawn.
    """
    *before, last = sources
    views = [_read(source) for source in before if source.sha256 != last.sha256]
    with AudioFile(last.path) as file:
        view = _View(file, with_loudness=faders is None)
        rate = preview_rate(file.rate)
        blocks = heard(view.tee(file.blocks()), faders)
        sound = resample(blocks, file.frames, file.channels, file.rate, rate)
        frames = resampled_frames(file.frames, file.rate, rate)
        # The loudness of what is played: the file has more.
        meter = _meter(rate, file.channels) if faders is None else None
        encoder, count = Encoder(rate), 0
        with atomic_write(audio) as part, open(part, "w", encoding="ascii") as text:
            text.write(f"stemwright.audio({script_json(name)}, [\n")
            for chunk in chunks(sound, frames, rate):
                encoded = encoder.encode(chunk)
                text.write(f'"{encoded}",\n')
                if meter:
                    meter.feed(decode(encoded, count, rate, file.channels))
                count += 1
            text.write("]);\n")
        views.append(view.data(last))
        track = {
            "id": name,
            "rate": file.rate,
            "frames": file.frames,
            "seconds": round(file.frames / file.rate, 6),
            "views": views,
            "audio": {
                "rate": rate,
                "channels": file.channels,
                "frames": frames,
                "chunk_frames": CHUNK_S * rate,
                "overlap_frames": round(OVERLAP_S * rate),
                "chunks": count,
                "mime": "audio/ogg",
                "integrated_lufs": _integrated(meter),
            },
        }
    with atomic_write(drawn) as part:
        part.write_text(f"stemwright.track({script_json(track)});\n", encoding="utf-8")


def heard(blocks: Stream, faders: Faders | None) -> Stream:
    """What a strip adds to what it feeds; a whole as it is."""
    at = 0
    for block in blocks:
        yield at_gains(block, faders.gains(at, len(block))) if faders else block
        at += len(block)


class _View:
    """What is drawn of one file."""

    def __init__(self, file: AudioFile, with_loudness: bool):
        self._peaks = Peaks(file.frames)
        self._spectrogram = Spectrogram(file.frames, file.rate, file.channels)
        self._loudness = _meter(file.rate, file.channels) if with_loudness else None

    def tee(self, blocks: Stream) -> Stream:
        """The same stream, which is drawn as it is read."""
        for block in blocks:
            self._peaks.feed(block)
            self._spectrogram.feed(block)
            if self._loudness:
                self._loudness.feed(block)
            yield block

    def data(self, source: Source) -> dict[str, Any]:
        """The view as a page gets it."""
        return {
            "stage": source.stage,
            "file": source.file,
            "sha256": source.sha256,
            **self._peaks.data(),
            "spectrogram": self._spectrogram.data(),
            "loudness": loudness_curves(self._loudness) if self._loudness else None,
            "integrated_lufs": _integrated(self._loudness),
        }


def _read(source: Source) -> dict[str, Any]:
    with AudioFile(source.path) as file:
        view = _View(file, with_loudness=False)
        for _ in view.tee(file.blocks()):
            pass
        return view.data(source)


def _meter(rate: int, channels: int) -> Loudness:
    meter = Loudness()
    meter.start(rate, channels)
    return meter


def _integrated(meter: Loudness | None) -> float | None:
    """In LUFS; None where nothing is measured, or all is silent."""
    return None if meter is None or meter.integrated is None else round(meter.integrated, 2)


def loudness_curves(meter: Loudness) -> Mapping[str, Any]:
    """The loudness over time, in LUFS: number n of each curve is at (n + 1) · `step_s`.

    It is the highest of those windows that end in the step before; None where they are silent, or where none has ended.
    """
    steps = max(1, math.ceil(meter.seconds / _POINTS / _LOUDNESS_STEP_S - 1e-9))
    step_s = steps * _LOUDNESS_STEP_S
    hop = round(step_s / _METER_STEP_S)
    count = max(1, math.ceil(meter.seconds / step_s - 1e-9))
    curves = {
        "short_term": _curve(meter.short_term, 300, hop, count),
        "momentary": _curve(meter.momentary, 40, hop, count),
    }
    return {"step_s": round(step_s, 3), **curves}


def _curve(windows: np.ndarray, length: int, hop: int, count: int) -> list[float | None]:
    """The highest of windows of so many meter steps in each of `count` hops."""
    ends = np.full(count * hop, -np.inf)
    found = windows[: max(0, len(ends) - length + 1)]
    ends[length - 1 : length - 1 + len(found)] = found
    highest = ends.reshape(count, hop).max(axis=1).tolist()
    return [round(value, 1) if math.isfinite(value) else None for value in highest]
