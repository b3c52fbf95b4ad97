"""Format: sample rate, channels and sample format are as planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import soundfile as sf

from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject

_CONTAINERS = {"RF64": "WAV"}  # a WAV of over 4 GB


@dataclass(frozen=True)
class Format(Gate):
    """Sample rate, channels and subtype, and for a delivered file the container, are as planned.

    Source: `session` and `delivery`. Remedy: delete the file; the next run makes it again.
    """

    stages = AUDIO_STAGES
    needs = "a planned format"

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        info = sf.info(subject.path)
        container = subject.format.get("container")
        found = _describe(
            info.samplerate,
            info.channels,
            info.subtype,
            container and _CONTAINERS.get(info.format, info.format),
        )
        rate, channels, subtype = (subject.format[key] for key in ("sample_rate", "channels", "subtype"))
        expected = _describe(rate, channels, subtype, container)
        return [
            Check(
                "format",
                "pass" if found == expected else self.failed(),
                found,
                limit=f"= {expected}",
                remedy="another program wrote this file: delete it; the next run makes it again",
            )
        ]


def _describe(rate: int, channels: int, subtype: str, container: str | None) -> str:
    """A format in words, such as `WAV, 48,000 Hz, stereo, PCM_24`."""
    text = f"{rate:,} Hz, {'mono' if channels == 1 else 'stereo'}, {subtype}"
    return f"{container}, {text}" if container else text
