"""Reading the two files of a track again, as a page does."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

_DRAWN = "stemwright.track(", ");\n"
_END = "]);\n"


def read_drawn(path: str) -> dict[str, Any]:
    """The data of `ID.js`. Raises ValueError, with the reason, if it is no call with JSON."""
    text = Path(path).read_text(encoding="utf-8")
    begin, end = _DRAWN
    if not (text.startswith(begin) and text.endswith(end)):
        raise ValueError(f"it is not one call of {begin}…)")
    track = json.loads(text[len(begin) : -len(end)])
    if not isinstance(track, dict):
        raise ValueError("it holds no object")
    return track


def read_chunks(path: str, name: str) -> Iterator[tuple[np.ndarray, int]]:
    """The chunks of `ID.audio.js`, decoded: samples of shape (frames, channels), and their rate in Hz.

    Raises ValueError, with the reason, if it is no call with a list of Ogg files.
    """
    with open(path, encoding="ascii") as file:
        begin = f'stemwright.audio("{name}", [\n'
        if file.readline() != begin:
            raise ValueError(f"it does not begin with {begin.rstrip()}")
        for number, line in enumerate(file, 1):
            if line == _END and not file.read(1):
                return
            if not (line.startswith('"') and line.endswith('",\n')):
                raise ValueError(f"chunk {number} is no text")
            try:
                encoded = io.BytesIO(base64.b64decode(line[1:-3], validate=True))
                samples, rate = sf.read(encoded, dtype="float64", always_2d=True)
            except (binascii.Error, sf.LibsndfileError) as error:
                raise ValueError(f"chunk {number} cannot be decoded: {error}") from None
            yield samples, rate
    raise ValueError("its end is missing")


def array_problem(view: Mapping[str, Any], frames: int) -> str:
    """What is wrong with the arrays of a view of so many frames; "" if nothing is."""
    columns, drawing = view["columns"], view["spectrogram"]
    if not 1 <= columns <= frames:
        return f"{columns:,} columns of {frames:,} frames"
    expected = {
        "peaks": (view["peaks"], 2 * columns),
        "rms": (view["rms"], columns),
        "spectrogram": (drawing["data"], drawing["bands"] * drawing["columns"]),
    }
    for name, (text, size) in expected.items():
        found = len(base64.b64decode(text, validate=True))
        if found != size:
            return f"{name} has {found:,} bytes, expected {size:,}"
    return ""


def highest_peak(view: Mapping[str, Any]) -> float:
    """The highest peak that is drawn, full scale 1."""
    peaks = np.frombuffer(base64.b64decode(view["peaks"]), np.int8).astype(int)
    return float(np.abs(peaks).max()) / 127
