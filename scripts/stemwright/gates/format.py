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
        found = {"sample_rate": info.samplerate, "channels": info.channels, "subtype": info.subtype}
        expected = {key: subject.expect[key] for key in found if key in subject.expect}
        said = [" ".join(str(form[key]) for key in expected) for form in (found, expected)]
        return [
            Check(
                "format",
                "pass" if said[0] == said[1] else self.failed(),
                said[0],
                limit=f"= {said[1]}",
                remedy="something else wrote this file: delete it, and the next run makes it again",
            )
        ]
