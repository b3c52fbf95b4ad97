"""A file on its own: all gates that need no song, as `scripts/verify_audio.py` and `verify_delivery.py` use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stemwright.audio import AudioFile
from stemwright.gates import Check, Gate, Subject, Verdict, make, verify
from stemwright.gates._base import Severity
from stemwright.gates.bandwidth import Bandwidth
from stemwright.inspection.finding import Finding
from stemwright.inspection.sounds import Sound
from stemwright.measure import Meter
from stemwright.measure.imports import WordLength
from stemwright.measure.levels import Finite
from stemwright.measure.spectrum import Spectrum
from stemwright.mixing.loudness_targets import limits
from stemwright.validation import registry

_OF_STEMS = ("click", "dropout", "stereo")
"""Gates of processed stems that judge every stem of a delivery: such stems are finished."""

_LOWEST_WALL_HZ = 10_000
_BITS = {"PCM_24": 24, "PCM_32": 32, "FLOAT": 24, "DOUBLE": 24}


def judge_file(
    path: str, stage: str, target: str | None = None, inputs: Mapping[str, Sequence[str]] | None = None
) -> Verdict:
    """Judge a file that belongs to no song by the gates of a stage, with their default limits.

    Parameters
    ----------
    path : str
        The file.
    stage : str
        The stage whose gates judge it.
    target : str, optional
        The preset of its loudness.
    inputs : mapping of str to sequence of str, optional
        Other files by role: `source`, the recording that a reference was conformed from; `compare`, a finished song.

    Returns
    -------
    Verdict
        The checks of all gates.

    Raises
    ------
    StemwrightError, OSError
        If it is not audio.
    """
    return _judge(path, stage, target, inputs or {}, [])


def judge_delivered(sound: Sound, role: str, target: str | None) -> list[Finding]:
    """Judge a file of a delivery.

    Parameters
    ----------
    sound : Sound
        The file.
    role : str
        `mix`, `master`, `stem`, `version` or `extra`.
    target : str or None
        The preset of its loudness: it is then judged as a master.

    Returns
    -------
    list of Finding
        The checks of all gates that could judge it: those that need a song are left out.
    """
    stage = "master" if target else {"version": "mix", "extra": "stem"}.get(role, role)
    declared = _BITS.get(sound.subtype)
    more: list[Gate] = [] if sound.is_lossy else [_Wall()]
    if declared:
        more.insert(0, _Bits(declared_bits=declared))
    verdict = _judge(sound.path, stage, target, {}, more)
    seen = [check for check in verdict.checks if check.status != "skip"]
    return [Finding(_named(check, sound), sound.name) for check in seen]


def _named(check: Check, sound: Sound) -> Check:
    """The check with the name of the file in the delivery, if its texts have the path of a temporary copy."""
    texts = {
        key: value.replace(sound.path, sound.name)
        for key in ("reason", "remedy", "limit")
        if sound.path in (value := getattr(check, key))
    }
    return Check(**{**vars(check), **texts}) if texts else check


def _judge(
    path: str, stage: str, target: str | None, inputs: Mapping[str, Sequence[str]], more: Sequence[Gate]
) -> Verdict:
    with AudioFile(path, lenient=True) as file:
        is_integer = file.subtype.startswith("PCM")
    kinds = registry.classes("stemwright.gates")
    names: dict[str, dict] = {name: {} for name, gate in kinds.items() if _applies(gate, stage, is_integer)}
    if more and stage == "stem":
        names |= {name: {} for name in _OF_STEMS}
    context = {"integer": is_integer, **({"target": limits(target, None, None, None)} if target else {})}
    return verify(Subject(path, stage, context=context, inputs=inputs, alone=True), [*make(names), *more])


def _applies(gate: type[Gate], stage: str, is_integer: bool) -> bool:
    """Whether a gate judges a file of a stage.

    In a song only delivered files have integer samples. Here any file may, and then gates of delivered files (clipping)
    apply too.
    """
    as_delivered = is_integer and "delivered" in gate.stages and gate.stems_too and not gate.needs
    return stage in gate.stages or as_delivered


@dataclass(frozen=True)
class _Wall(Bandwidth):
    """The wall of a lossy codec or of a lower sample rate, which `Bandwidth` looks for in a reference."""

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return Spectrum(), Finite()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        check = self._reference(subject, *meters)
        # Lower, it may as well be a synthesizer's filter: codecs cut from 11 kHz up, and 22.05 kHz is the next rate.
        is_low = isinstance(check.measured, int) and check.measured < _LOWEST_WALL_HZ
        return [replace(check, status="pass") if is_low else check]


@dataclass(frozen=True)
class _Bits(Gate):
    """A file with more bits than its samples need: a 16-bit recording in 24 bits."""

    severity: Severity = "warn"
    declared_bits: int = 24

    def meters(self, subject: Subject) -> Sequence[Meter]:
        return WordLength(), Finite()

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        bits, finite = meters
        if finite.bad or bits.bits is None or bits.bits <= 1:
            return []
        is_padded = bits.bits <= 16
        reason = f"its samples are of {bits.bits} bits" if is_padded else ""
        remedy = "export it in the format of the session, not converted from 16 bits"
        status = self.failed() if is_padded else "pass"
        return [
            Check(
                "padded_bits",
                status,
                bits.bits,
                "bits",
                f"> 16 in a file of {self.declared_bits}",
                reason,
                remedy,
            )
        ]
