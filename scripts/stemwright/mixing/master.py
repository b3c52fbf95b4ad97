"""The master: the mix through its effects, brought to its loudness and limited to its ceiling.

A limiter changes the loudness, and its output exceeds the ceiling slightly between samples. So a gain is forecast, the
result is measured, and the gain is corrected, in a bounded number of passes; what exceeds the ceiling is turned down
after the limiter, all of it by the same gain.
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
from stemwright.mixing.limiter_forecast import LimiterForecast
from stemwright.mixing.slices import one_turn
from stemwright.music.render_context import RenderContext

_TRIES = 14  # of gains
_MARGIN_DB = (
    0.002  # what exceeds the ceiling is turned down by the excess and this: dither adds 0.0005 dB to 16 bits
)
_USUAL_DB = 0.03  # what it is usually turned down by; of much music at 48 kHz, by 0.00 to 0.02
_MISSED_LU = 0.1  # a deviation from the target that is reported
_SETTLED_S = 10  # of a loop before the turn that is kept: in it, reverbs and releases have settled
_GATE_LUFS = -70.0  # nothing below has an integrated loudness (BS.1770-5)


@dataclass(frozen=True)
class Replay:
    """What steps make of buffered audio, made again whenever it is read: a gain costs less than a file.

    Of a loop of `turn` frames, it has several turns, and the audio is the one before the last.
    """

    spool: Spool | Halves | Replay
    steps: tuple[Effect, ...]
    context: RenderContext
    turn: int = 0

    def blocks(self) -> Stream:
        """The audio from its start, as a 32-bit file will hold it."""
        blocks = Chain(self.steps).process(self.spool.blocks(), self.context)
        if self.turn:
            blocks = one_turn(blocks, self.context.frames - 2 * self.turn, self.turn, self.context.rate)
        for block in blocks:
            yield block.astype(np.float32).astype(np.float64)


@dataclass(frozen=True)
class MasterResult:
    """A rendered master: gain before the limiter in dB, the limiter, gain after it, measurements, and the audio.

    `dialogue_lufs` is the loudness where someone speaks. `rms_dbfs` is measured only if the target is an RMS level. A
    measurement is None where the audio has none, such as the loudness of silence. `missed` says why the target is
    missed: the mix is `silent`; it is too `quiet`, even with the greatest gain; the `limiter` lets no gain make it
    louder. `limited` says whether the limiter was run. `loudness` is the meter of the audio
    before `trim_db`, the gain after the limiter.
    """

    gain_db: float
    limiter: Limiter | None
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    rms_dbfs: float | None
    audio: Spool | Halves | Replay
    loudness: Loudness
    limited: bool = False
    trim_db: float = 0.0
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
    song, turn, turns = context, 0, 1
    if is_loop:
        turn, turns = context.frames, 2 + math.ceil(_SETTLED_S * context.rate / context.frames)
    context = replace(context, frames=turns * context.frames)
    repeated = chain.from_iterable(read() for _ in range(turns))
    spool = Spool(context.channels, effects.process(repeated, context))

    aim: Mapping[str, float | None] = target or {"integrated_lufs": None}
    ((quantity, wanted),) = aim.items()

    def new_meters() -> list[Any]:
        return [Loudness(dual_mono), TruePeak(), *([Rms()] if quantity == "rms_dbfs" else [])]

    def deviation(result: MasterResult) -> float:
        if wanted is None or result.true_peak_dbtp is None:  # silence is as loud as it can be
            return 0.0
        found = getattr(result, quantity)
        return (_GATE_LUFS if found is None else found) - wanted

    is_parted = cores > 1 and not is_loop

    def rendered(gain: float, limiter: Limiter | None) -> MasterResult:
        nonlocal is_parted
        result = _render(spool, context, gain, limiter, new_meters, speech, turn, cores, is_parted)
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

    def under_ceiling(gain: float) -> MasterResult:
        """The result at a gain. If it stays below the ceiling by itself, the limiter is not run."""
        if limiter is None or is_below(limiter.ceiling_db, gain):
            result = plain() if gain == gain_db else rendered(gain, None)
            if limiter is None or _peak(result, gain) <= limiter.ceiling_db:
                return replace(result, limiter=limiter)
        result = rendered(gain, limiter)
        excess = _peak(result, gain) - limiter.ceiling_db
        return _turned_down(result, excess + _MARGIN_DB, song) if excess > 0 else result

    linear = gain_db
    if wanted is not None and abs(deviation(plain())) > CLOSE_LU:
        linear = clamped(gain_db - deviation(plain()))
    first = linear
    if wanted is not None and quantity != "rms_dbfs" and limiter and not is_loop:
        windows = speech if quantity == "dialogue_lufs" else None
        if not is_below(limiter.ceiling_db, linear):
            first = clamped(_forecast(plain(), linear, limiter, context.rate, wanted, windows))
    best = under_ceiling(first)
    tried = [(first, deviation(best))]
    louder: list[MasterResult] = []
    while len(tried) < _TRIES and (gain := next_gain(tried, linear)) is not None:
        result = under_ceiling(gain)
        tried.append((gain, deviation(result)))
        if result.limited and deviation(result) > 0:
            louder.append(result)
        if abs(deviation(result)) < abs(deviation(best)):
            best = result
    if louder and abs(deviation(best)) > CLOSE_LU:
        # The loudness jumps over the target.
        nearest = min(louder, key=deviation)
        best = _turned_down(nearest, deviation(nearest), song)
    if wanted is not None and best.true_peak_dbtp is None:
        return replace(best, missed="silent")
    if abs(deviation(best)) <= _MISSED_LU:
        return best
    is_quiet = best.gain_db == MAX_GAIN_DB and deviation(rendered(MAX_GAIN_DB, None)) < 0
    return replace(best, missed="quiet" if is_quiet else "limiter")


def _forecast(
    plain: MasterResult,
    gain_db: float,
    limiter: Limiter,
    rate: int,
    wanted: float,
    speech: np.ndarray | None,
) -> float:
    """The gain in dB at which the limited mix is expected to be as loud as wanted. `gain_db`: it would be unlimited."""

    def deviation(loudness: Loudness) -> float:
        found = loudness.integrated if speech is None else loudness.within(speech)
        return (_GATE_LUFS if found is None else found) - _USUAL_DB - wanted

    forecast = LimiterForecast(plain.audio.blocks(), rate, plain.loudness)
    return plain.gain_db + forecast.gain(gain_db - plain.gain_db, limiter, deviation)


def final_effects(settings: Mapping[str, Any]) -> tuple[Effect, ...]:
    """The gain, the limiter and the gain after it, at the end of a master chain, by what `master.json` says of it.

    The limiter is not among them if the master was made without it.
    """
    limiter = settings["limiter"] if settings["limited"] else None
    effects = _final(settings["gain_db"], Limiter(**limiter) if limiter else None)
    return (*effects, Gain(settings["trim_db"])) if settings["trim_db"] else effects


def _final(gain_db: float, limiter: Limiter | None) -> tuple[Effect, ...]:
    return (*([Gain(gain_db)] if gain_db else []), *([limiter] if limiter else []))


def _turned_down(result: MasterResult, decibels: float, context: RenderContext) -> MasterResult:
    """A result with a gain after its limiter: its levels are lower by that."""
    trim = round(result.trim_db - decibels, 6)

    def lowered(level: float | None) -> float | None:
        return None if level is None else level + trim - result.trim_db

    audio = result.audio.spool if result.trim_db and isinstance(result.audio, Replay) else result.audio
    return replace(
        result,
        trim_db=trim,
        audio=Replay(audio, (Gain(trim),), context),
        integrated_lufs=lowered(result.integrated_lufs),
        true_peak_dbtp=lowered(result.true_peak_dbtp),
        rms_dbfs=lowered(result.rms_dbfs),
        dialogue_lufs=lowered(result.dialogue_lufs),
    )


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
    new_meters: Callable[[], Sequence[Any]],
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

    meters = new_meters()
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
        loudness,
        limited=limiter is not None,
        dialogue_lufs=None if speech is None else loudness.within(speech),
    )
