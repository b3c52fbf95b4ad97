"""Format: sample rate, channels and sample format are as planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stemwright.audio import AudioFile
from stemwright.audio.encoders import encoder_of
from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject

_KINDS = {"RF64": "WAV"}  # a WAV of over 4 GB


@dataclass(frozen=True)
class Format(Gate):
    """Sample rate, channels and subtype, and for delivered files the container and a constant bit rate, are as planned.

    Source: `session` and `delivery`. Remedy: delete the file; the next run makes it again.
    """

    stages = AUDIO_STAGES
    needs = "a planned format"

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        planned = subject.format
        with AudioFile(subject.path, lenient=True) as file:
            found = _describe(
                file.rate,
                file.channels,
                file.subtype,
                _container(file, planned.get("container")),
                encoder_of(planned["container"]).bitrate(subject.path) if "bitrate_kbps" in planned else None,
            )
        rate, channels, subtype = (planned[key] for key in ("sample_rate", "channels", "subtype"))
        expected = _describe(rate, channels, subtype, planned.get("container"), planned.get("bitrate_kbps"))
        return [
            Check(
                "format",
                "pass" if found == expected else self.failed(),
                found,
                limit=f"= {expected}",
                remedy="another program wrote this file: delete it; the next run makes it again",
            )
        ]


def _container(file: AudioFile, planned: str | None) -> str | None:
    """The planned container, if the file is one, else what it is; None if none is planned."""
    kind = _KINDS.get(file.format, file.format)
    return planned if planned is None or encoder_of(planned).kind == kind else kind


def _describe(rate: int, channels: int, subtype: str, container: str | None, bitrate: int | None) -> str:
    """A format in words, such as `WAV, 48,000 Hz, stereo, PCM_24`."""
    text = f"{rate:,} Hz, {'mono' if channels == 1 else 'stereo'}, {subtype}"
    if bitrate is not None:
        text += f", {bitrate} kbit/s, constant" if bitrate else ", of varying bit rate"
    return f"{container}, {text}" if container else text
