"""The master: the mix through its effects, brought to its loudness and limited to its ceiling.

A limiter changes the loudness, and its output exceeds the ceiling slightly between samples. So neither the gain nor
the limiter's ceiling can be computed beforehand: both are found by measuring the result and correcting them, in a
bounded number of passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import Any, Literal

import numpy as np

from stemwright.audio import AudioFile, Spool, Stream
from stemwright.effects import Chain, Effect
from stemwright.effects.gain import Gain
from stemwright.effects.limiter import Limiter
from stemwright.measure.loudness import Loudness
from stemwright.measure.rms import Rms
from stemwright.measure.true_peak import TruePeak
from stemwright.mixing.gain_search import CLOSE_LU, MAX_GAIN_DB, clamped, next_gain
from stemwright.mixing.halves import Halves, in_halves
from stemwright.mixing.slices import one_turn
from stemwright.music.render_context import RenderContext

_TRIES = 14  # of gains
_PASSES = 8  # for the ceiling at one gain
_USUAL_DB = (
    0.03  # the limiter's ceiling is lower by this at first: at 48 kHz, music exceeds it by 0.00 to 0.02
)
_MARGIN_DB = 0.01  # where that is not enough, it is lowered by the excess and this
_MISSED_LU = 0.1  # a deviation from the target that is reported
_SETTLED_S = 10  # of a loop before the turn that is kept: in it, reverbs and releases have settled
_GATE_LUFS = -70.0  # nothing below has an integrated loudness (BS.1770-5)


@dataclass(frozen=True)
class Replay:
    """What the last steps of a chain make of a spool, made again whenever it is read: a gain costs less than a file.

    Of a loop of `turn` frames, the spool has several turns, and the audio is the one before the last.
    """

    spool: Spool
    steps: tuple[Effect, ...]
    context: RenderContext
    turn: int = 0

    def blocks(self) -> Stream:
        """The audio from its start, as a 32-bit file will hold it."""
        blocks = Chain(self.steps).process(self.spool.blocks(), self.context)
        if self.turn:
            blocks = one_turn(blocks, self.spool.frames - 2 * self.turn, self.turn, self.context.rate)
        for block in blocks:
            yield block.astype(np.float32).astype(np.float64)


@dataclass(frozen=True)
class MasterResult:
    """A rendered master: gain before the limiter in dB, the limiter as set, measurements, and the audio.

    `dialogue_lufs` is the loudness where someone speaks. `rms_dbfs` is measured only if the target is an RMS level. A
    measurement is None where the audio has none, such as the loudness of silence. `missed` says why the target is
    missed: the mix is `silent`; it is too `quiet`, even with the greatest gain; the `limiter` lets no gain make it
    louder. `limited` says whether the limiter was run.
    """

    gain_db: float
    limiter: Limiter | None
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    rms_dbfs: float | None
    audio: Spool | Halves | Replay
    limited: bool = False
    missed: Literal["", "silent", "quiet", "limiter"] = ""
    dialogue_lufs: float | None = None


def render_master(mix: str, effects: Chain, context: RenderContext, **settings: Any) -> MasterResult:
    """Master a mix to a target.

    Parameters
    ----------
    mix
        Path of the mix.
    effects, context, **settings
        As in `master_stream`.

    Returns
    -------
    MasterResult
    """
    with AudioFile(mix) as file:
        return master_stream(file.blocks, effects, context, **settings)


def master_stream(
    read: Callable[[], Stream],
    effects: Chain,
    context: RenderContext,
    *,
    gain_db: float,
    limiter: Limiter | None,
    target: Mapping[str, float] | None,
    dual_mono: bool = False,
    speech: np.ndarray | None = None,
    is_loop: bool = False,
    cores: int = 1,
) -> MasterResult:
    """Master a stream to a target, below the limiter's ceiling.

    Parameters
    ----------
    read
        Gives the stream of the mix, from its start each time.
    effects
        The effects before the gain, in order.
    context
        The render context of the song.
    gain_db
        Gain before the limiter, in dB; with a target, the first gain tried.
    limiter
        The limiter, whose `ceiling_db` the true peak of the result must not exceed, or None.
    target
        `{"integrated_lufs": value}`, `{"dialogue_lufs": value}`, `{"rms_dbfs": value}`, or None to keep `gain_db`.
    dual_mono
        Whether the loudness of mono is measured as from two loudspeakers.
    speech
        The windows in which someone speaks, see `stemwright.mixing.dialogue`, for a target of dialogue.
    is_loop
        Whether the mix is a loop. It is mastered as it sounds when it has been repeated for ten seconds.
    cores
        How many cores may be used. The result does not depend on it.

    Returns
    -------
    MasterResult
        The result closest to the target. If it misses it by more than 0.1 LU, `missed` says why, and a gate refuses
        the master.
    """
    turn, turns = 0, 1
    if is_loop:
        turn, turns = context.frames, 2 + math.ceil(_SETTLED_S * context.rate / context.frames)
    context = replace(context, frames=turns * context.frames)
    repeated = chain.from_iterable(read() for _ in range(turns))
    spool = Spool(context.channels, effects.process(repeated, context))

    aim: Mapping[str, float | None] = target or {"integrated_lufs": None}
    ((quantity, wanted),) = aim.items()
    meters = [Loudness(dual_mono), TruePeak(), *([Rms()] if quantity == "rms_dbfs" else [])]

    def deviation(result: MasterResult) -> float:
        if wanted is None or result.true_peak_dbtp is None:  # silence is as loud as it can be
            return 0.0
        found = getattr(result, quantity)
        return (_GATE_LUFS if found is None else found) - wanted

    is_parted = cores > 1 and not is_loop

    def rendered(gain: float, adjusted: Limiter | None) -> MasterResult:
        nonlocal is_parted
        result = _render(spool, context, gain, adjusted, meters, speech, turn, cores, is_parted)
        # Where halves did not meet once, they are not tried again.
        is_parted = is_parted and not isinstance(result.audio, Spool)
        return result

    @cache
    def plain() -> MasterResult:
        return rendered(gain_db, None)

    def is_below(ceiling_db: float, gain: float) -> bool:
        """Whether the mix at a gain stays below a ceiling. Without a target, one sample above it is enough to know."""
        if wanted is None and _is_above(Replay(spool, _final(gain, None), context, turn), ceiling_db):
            return False
        return _peak(plain(), gain) <= ceiling_db

    def under_ceiling(gain: float, adjusted: Limiter | None) -> MasterResult:
        """The result at a gain. If it stays below the ceiling by itself, the limiter is not run."""
        if limiter is None or adjusted is None or is_below(limiter.ceiling_db, gain):
            result = plain() if gain == gain_db else rendered(gain, None)
            if limiter is None or adjusted is None or _peak(result, gain) <= limiter.ceiling_db:
                return replace(result, limiter=adjusted)
        if adjusted == limiter:
            adjusted = _lowered(limiter, _USUAL_DB)
        for _ in range(_PASSES):
            result = rendered(gain, adjusted)
            if result.true_peak_dbtp is None or _peak(result, gain) <= limiter.ceiling_db:
                break
            excess = result.true_peak_dbtp - limiter.ceiling_db + _MARGIN_DB
            adjusted = _lowered(adjusted, excess)
        return result

    first = gain_db
    if wanted is not None and abs(deviation(plain())) > CLOSE_LU:
        first = clamped(gain_db - deviation(plain()))
    best = under_ceiling(first, limiter)
    tried = [(first, deviation(best))]
    louder: list[tuple[float, float, Limiter]] = []  # too loud: how much, the gain, the limiter
    while len(tried) < _TRIES and (gain := next_gain(tried)) is not None:
        result = under_ceiling(gain, best.limiter)
        tried.append((gain, deviation(result)))
        if result.limiter and deviation(result) > 0:
            louder.append((deviation(result), gain, result.limiter))
        if abs(deviation(result)) < abs(deviation(best)):
            best = result
    if louder and abs(deviation(best)) > CLOSE_LU:
        # The loudness jumps over the target. What is too loud is turned down after the limiter: gain and ceiling are.
        excess, gain, adjusted = min(louder, key=lambda entry: entry[0])
        best = rendered(gain - excess, _lowered(adjusted, excess))
    if wanted is not None and best.true_peak_dbtp is None:
        return replace(best, missed="silent")
    if abs(deviation(best)) <= _MISSED_LU:
        return best
    is_quiet = best.gain_db == MAX_GAIN_DB and deviation(rendered(MAX_GAIN_DB, None)) < 0
    return replace(best, missed="quiet" if is_quiet else "limiter")


def final_effects(settings: Mapping[str, Any]) -> tuple[Effect, ...]:
    """The gain and the limiter at the end of a master chain, by what `master.json` says of it.

    The limiter is not among them if the master was made without it.
    """
    limiter = settings["limiter"] if settings["limited"] else None
    return _final(settings["gain_db"], Limiter(**limiter) if limiter else None)


def _final(gain_db: float, limiter: Limiter | None) -> tuple[Effect, ...]:
    return (*([Gain(gain_db)] if gain_db else []), *([limiter] if limiter else []))


def _lowered(limiter: Limiter, decibels: float) -> Limiter:
    return replace(limiter, ceiling_db=limiter.ceiling_db - decibels)


def _is_above(audio: Replay, decibels: float) -> bool:
    """Whether a sample of it is. It is read up to the first that is."""
    most = 10 ** (decibels / 20)
    return any(block.max(initial=0) > most or block.min(initial=0) < -most for block in audio.blocks())


def _peak(result: MasterResult, gain_db: float) -> float:
    """The true peak in dBTP that a result would have at another gain, without a limiter after it."""
    return -math.inf if result.true_peak_dbtp is None else result.true_peak_dbtp + gain_db - result.gain_db


def _render(
    spool: Spool,
    context: RenderContext,
    gain_db: float,
    limiter: Limiter | None,
    meters: Sequence[Any],
    speech: np.ndarray | None,
    turn: int,
    cores: int,
    is_parted: bool,
) -> MasterResult:
    steps = _final(gain_db, limiter)
    audio: Spool | Halves | Replay = Replay(spool, steps, context, turn)
    if limiter and is_parted:
        audio = in_halves(spool, steps, context)
    elif limiter:
        audio = Spool(context.channels, audio.blocks(), single=True)

    def feed(some: Sequence[Any]) -> None:
        for block in audio.blocks():
            for meter in some:
                meter.feed(block)

    for meter in meters:
        meter.start(context.rate, context.channels)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(feed, [[meter] for meter in meters] if cores > 1 else [meters]))
    loudness, peak, *rms = meters
    level = rms[0].rms if rms else None
    level = level if level is not None and math.isfinite(level) else None
    return MasterResult(
        gain_db,
        limiter,
        loudness.integrated,
        peak.true_peak,
        level,
        audio,
        limited=limiter is not None,
        dialogue_lufs=None if speech is None else loudness.within(speech),
    )
