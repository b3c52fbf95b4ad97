"""Mastering a recording that belongs to no song: to a loudness, in a format, with tags, judged before it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from stemwright.audio import AudioFile, Stream, resample, resampled_frames
from stemwright.audio.writer import whole_file
from stemwright.base.errors import StemwrightError
from stemwright.delivery.encoding import Sound, encode
from stemwright.delivery.metadata import write_metadata
from stemwright.delivery.metadata._base import Metadata
from stemwright.effects import Chain
from stemwright.effects.gain import Gain
from stemwright.effects.limiter import Limiter
from stemwright.gates import Subject, Verdict, make, verify
from stemwright.measure import measure
from stemwright.measure.loudness import Loudness
from stemwright.measure.rms import Rms
from stemwright.measure.true_peak import TruePeak
from stemwright.mixing.gain_reduction import GainReduction, gain_reduction
from stemwright.mixing.loudness_targets import master_aim, max_peak
from stemwright.mixing.master import MasterResult, master_stream
from stemwright.music.render_context import RenderContext
from stemwright.song.delivery_format import DeliveryFormat
from stemwright.validation import registry

_PLANNED = ("format", "frames")
"""Gates that need a plan, which is what is wanted."""

_TARGETS = ("loudness", "rms")
"""The checks of a target."""


@dataclass(frozen=True)
class Wanted:
    """What a file is to be.

    Attributes
    ----------
    target : mapping
        Its loudness, see `loudness_targets.limits`.
    ceiling_dbtp : float
        The highest true peak, if the target has no lower one.
    form : DeliveryFormat
        Its format.
    rate : int
        Its sample rate in Hz.
    tags : mapping of str to str
        What it says about itself.
    dual_mono : bool
        Whether the loudness of mono is measured as from two loudspeakers.
    """

    target: Mapping[str, Any]
    ceiling_dbtp: float
    form: DeliveryFormat
    rate: int
    tags: Mapping[str, str]
    dual_mono: bool = False

    @property
    def ceiling(self) -> float:
        """The highest true peak in dBTP."""
        most = max_peak(dict(self.target))
        return self.ceiling_dbtp if most is None else min(self.ceiling_dbtp, most)


@dataclass(frozen=True)
class Mastered:
    """What was done to a file.

    Measurements before and after, by name; the master, the work of its limiter, by how many dB it was turned down for a
    codec, what its gates say, and why it misses the target, "" if it does not.
    """

    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    master: MasterResult
    reduction: GainReduction
    lowered_db: float
    verdict: Verdict
    missed: str

    @property
    def passed(self) -> bool:
        """Whether it is as wanted: it passed its gates, and is not silent."""
        return self.verdict.passed and self.master.missed != "silent"


class _RefusedError(StemwrightError):
    """What was written was refused."""


def master_file(path: str, out: str, wanted: Wanted) -> Mastered:
    """Master a recording by a gain and a limiter.

    Parameters
    ----------
    path : str
        The recording.
    out : str
        The file to write. It is untouched unless the result `passed`.
    wanted : Wanted
        What it is to be.

    Returns
    -------
    Mastered

    Raises
    ------
    StemwrightError, OSError
        If the recording cannot be read, or the file not be written.
    """
    aim, rate = master_aim(dict(wanted.target)), wanted.rate
    meters = [Loudness(wanted.dual_mono), TruePeak(), *([Rms()] if "rms_dbfs" in aim else [])]
    with AudioFile(path) as file:
        frames = resampled_frames(file.frames, file.rate, rate)
        if not frames:
            raise StemwrightError(f"{path}: has no sound left at {rate:,} Hz: it is too short")
        context = RenderContext(rate, file.channels, frames)

        def blocks() -> Stream:
            """The recording at the rate wanted."""
            return resample(file.finite_blocks(), file.frames, file.channels, file.rate, rate)

        for meter in meters:
            meter.start(file.rate, file.channels)
        for block in file.finite_blocks():
            for meter in meters:
                meter.feed(block)
        before = _figures(meters)
        limiter = Limiter(ceiling_db=wanted.ceiling)
        master = master_stream(
            blocks, Chain([]), context, gain_db=0.0, limiter=limiter, target=aim, dual_mono=wanted.dual_mono
        )
        work = GainReduction(0.0, 0.0)
        if master.limited and master.limiter:
            work = gain_reduction(Gain(master.gain_db).process(blocks(), context), master.limiter, context)
    lowered, verdict = _write(out, wanted, master, context, meters)
    after = _figures(meters)
    missed = _why_missed(aim, master)
    if any(check.id in _TARGETS and check.status != "pass" for check in verdict.checks) and not missed:
        missed = _lost_in_codec(aim, master, after)
    told = (
        replace(check, reason=missed, remedy="") if missed and check.id in _TARGETS else check
        for check in verdict.checks
    )
    return Mastered(before, after, master, work, lowered, replace(verdict, checks=tuple(told)), missed)


def _figures(meters: Sequence[Any]) -> dict[str, float | None]:
    """What is measured of a file, by name; None where it cannot be."""
    loudness, peak, *levels = meters
    figures = {
        "integrated_lufs": loudness.integrated,
        "true_peak_dbtp": peak.true_peak,
        "range_lu": loudness.range,
    }
    is_silent = peak.true_peak is None
    return figures | ({"rms_dbfs": None if is_silent else levels[0].rms} if levels else {})


def _write(
    out: str, wanted: Wanted, master: MasterResult, context: RenderContext, meters: Sequence[Any]
) -> tuple[float, Verdict]:
    """Write a master, measure and judge it. It gets its name only if it passed.

    Parameters
    ----------
    out : str
        The file.
    wanted : Wanted
        What it is to be.
    master : MasterResult
        The master.
    context : RenderContext
        Its rate, channels and length.
    meters : sequence of Meter
        What is fed with the file.

    Returns
    -------
    lowered : float
        By how many dB it was turned down for a codec.
    verdict : Verdict
        What the gates say.
    """
    sound = Sound(master.audio.blocks, context.rate, context.channels, context.frames)
    form, lowered, judged = wanted.form, 0.0, list[Verdict]()
    limit = {"ceiling_dbtp": wanted.ceiling} if form.encoder.is_lossy() else {}
    metadata = Metadata(wanted.tags, context.rate).to_dict() if wanted.tags else {}
    with suppress(_RefusedError), whole_file(out) as part:
        lowered = encode(out, part, sound, form.encoding() | limit, seed=0)
        write_metadata(part, form.container, metadata)
        measure(str(part), meters)
        judged.append(_judge(str(part), wanted, context))
        if not judged[0].passed or master.missed == "silent":
            raise _RefusedError
    return lowered, judged[0]


def _judge(path: str, wanted: Wanted, context: RenderContext) -> Verdict:
    """Judge a file as a delivered master, as far as that needs no song."""
    gates: dict[str, dict] = {
        name: {}
        for name, gate in registry.classes("stemwright.gates").items()
        if "delivered" in gate.stages and (not gate.needs or name in _PLANNED)
    }
    gates["true_peak"] = {"max_dbtp": wanted.ceiling_dbtp}
    planned = wanted.form.planned(context.rate, context.channels, context.frames)
    stored = wanted.form.sample_format
    known = {
        "integer": stored.startswith("PCM") or stored == "FLOAT_24",
        "target": wanted.target,
        "dual_mono": wanted.dual_mono,
    }
    return verify(Subject(path, "delivered", planned, known), make(gates))


def _lost_in_codec(aim: Mapping[str, float], master: MasterResult, after: Mapping[str, float | None]) -> str:
    """That a codec changed what met the target; "" if it did not."""
    (quantity,) = aim
    met, found = getattr(master, quantity), after[quantity]
    if met is None or found is None or round(found, 2) == round(met, 2):
        return ""
    return (
        f"the master has {met:.2f}, and the codec made {found:.2f} of it: choose a higher bit rate or quality"
    )


def _why_missed(aim: Mapping[str, float], master: MasterResult) -> str:
    """Why the target is missed, with what can be met instead; "" if it is met."""
    if not master.missed:
        return ""
    if master.missed == "silent":
        return "the file is silent: no gain makes it louder"
    ((quantity, wanted),) = aim.items()
    found = getattr(master, quantity)
    if found is None:
        return "nothing in the file is above -70 LUFS, even with the greatest gain, 60 dB"
    unit = "LU" if quantity == "integrated_lufs" else "dB"
    by = f"{abs(found - wanted):.2f} {unit} too {'quiet' if found < wanted else 'loud'}"
    reason = {
        "quiet": "even the greatest gain, 60 dB, is too little",
        "limiter": f"the limiter lets no gain bring it closer than {master.gain_db:+.2f} dB does, to {found:.2f}",
    }[master.missed]
    instead = f", such as {found:.1f}" if quantity == "integrated_lufs" else ""
    return f"{by}: {reason}. Compress the recording first, or choose another target{instead}"
