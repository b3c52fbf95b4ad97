"""Format: sample rate, channels and sample format are those asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import soundfile as sf

from stemwright.gates._base import AUDIO_KINDS, Check, Gate, Subject
from stemwright.measure import Meter


@dataclass(frozen=True)
class Format(Gate):
    """Sample rate, channels and subtype equal those of the plan."""

    kinds = AUDIO_KINDS

    def judge(self, subject: Subject, meters: Sequence[Meter]) -> list[Check]:
        info = sf.info(subject.path)
        found = _say(info.samplerate, info.channels, info.subtype)
        expected = _say(*(subject.expect[key] for key in ("sample_rate", "channels", "subtype")))
        return [
            Check(
                "format",
                "pass" if found == expected else self.failed(),
                found,
                limit=f"= {expected}",
                remedy="something else wrote this file: delete it, and the next run makes it again",
            )
        ]


def _say(rate: int, channels: int, subtype: str) -> str:
    return f"{rate:,} Hz, {'mono' if channels == 1 else 'stereo'}, {subtype}"
