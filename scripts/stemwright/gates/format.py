"""Format: sample rate, channels and sample format are those asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import soundfile as sf

from stemwright.gates._base import AUDIO_STAGES, Check, Gate, Subject

_CONTAINERS = {"RF64": "WAV"}  # a WAV of over 4 GB


@dataclass(frozen=True)
class Format(Gate):
    """Sample rate, channels and subtype equal those of the plan; of a delivered file, the container too.

    Source: `session` and `delivery`. Remedy: delete the file; the next run makes it again.
    """

    stages = AUDIO_STAGES
    needs = "a planned format"

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        info = sf.info(subject.path)
        container = subject.format.get("container")
        found = _say(
            info.samplerate,
            info.channels,
            info.subtype,
            container and _CONTAINERS.get(info.format, info.format),
        )
        expected = _say(*(subject.format[key] for key in ("sample_rate", "channels", "subtype")), container)
        return [
            Check(
                "format",
                "pass" if found == expected else self.failed(),
                found,
                limit=f"= {expected}",
                remedy="something else wrote this file: delete it, and the next run makes it again",
            )
        ]


def _say(rate: int, channels: int, subtype: str, container: str | None) -> str:
    said = f"{rate:,} Hz, {'mono' if channels == 1 else 'stereo'}, {subtype}"
    return f"{container}, {said}" if container else said
