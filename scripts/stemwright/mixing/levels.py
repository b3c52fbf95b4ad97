"""Levels that are found: what a fader must be so that its signal is as loud as is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from stemwright.audio import AudioFile, Stream, aligned_blocks, as_channels, fit, resample
from stemwright.audio.stream import reblock
from stemwright.base.decibels import decibels
from stemwright.base.errors import StemwrightError
from stemwright.measure.levels import Levels
from stemwright.measure.loudness import Loudness
from stemwright.mixing.faders import Faders
from stemwright.validation.fields import Configurable, Field
from stemwright.validation.names import parse_name

LOWEST_DB, HIGHEST_DB = -96.0, 24.0
"""The reach of a fader, in dB."""

_DIGITS = 4  # of a found gain in dB: an error of 5e-5 dB is 105 dB below the signal
_INAUDIBLE_DB = -60.0  # below a matched mix, a stem is not in it
_SPAN_S, _ROUNDS = 0.25, 50  # of a match: its spans, and how often they are weighed
_FITS_DB = -100.0  # a residual below the mix that is none
_MOST_INFLATION = 1_000.0  # of a variance, by the likeness of stems: 30 dB


@dataclass(frozen=True)
class FoundLevel(Configurable):
    """What stands in `gain_db` of a stem or bus whose gain is found when the song is built: one of these keys."""

    match: (
        Annotated[
            str,
            Field(
                "Path of a mix in which the stem is heard and that begins with the song, such as a rough mix: the "
                "level there, found together with those of all other stems. Parts that were edited since count little.",
                min_length=1,
            ),
        ]
        | None
    ) = None
    lufs: (
        Annotated[float, Field("Integrated loudness after the fader and the pan.", "LUFS", ge=-70, le=0)]
        | None
    ) = None
    peak_dbfs: (
        Annotated[float, Field("Sample peak after the fader and the pan.", "dBFS", ge=-90, le=24)] | None
    ) = None
    like: (
        Annotated[
            str,
            Field(
                "Another stem or bus: as loud as that one, in LUFS, each after its fader.", parse=parse_name
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        given = list(self.to_dict())
        if len(given) != 1:
            raise ValueError(
                f"needs exactly one of match, lufs, peak_dbfs and like (has {' and '.join(given) or 'none'})"
            )

    def to_dict(self) -> dict[str, Any]:
        """The key that is given, and its value."""
        return {key: value for key, value in vars(self).items() if value is not None}


def found_gain(name: str, level: FoundLevel, path: str, faders: Faders, other: float | None = None) -> float:
    """The gain in dB with which a signal has a loudness or a peak.

    Parameters
    ----------
    name : str
        The stem or bus, for messages.
    level : FoundLevel
        What is asked for; not `match`.
    path : str
        The file of its signal, before the fader.
    faders : Faders
        The rest of its path: pan and mutes.
    other : float, optional
        Of `like`, the loudness of the other in LUFS.

    Returns
    -------
    float

    Raises
    ------
    StemwrightError
        If the signal has no loudness or peak, or the gain is out of a fader's reach.
    """
    wanted: float | None
    if level.peak_dbfs is not None:
        peak = _measured(path, faders, Levels()).peak
        is_now, wanted, unit = decibels(peak) if peak else None, level.peak_dbfs, "dBFS"
    else:
        is_now, unit = loudness(path, faders), "LUFS"
        wanted = level.lufs if level.lufs is not None else other
    if is_now is None or wanted is None:
        which = name if is_now is None else level.like
        raise StemwrightError(
            f"the level of {name} cannot be found: {which} is silent, or muted wherever it sounds. Listen to its "
            f"processed file, or give the gain_db of {name} in dB"
        )
    return _in_reach(name, wanted - is_now, f"it has {is_now:.1f} {unit}, and {wanted:.1f} {unit} is wanted")


def loudness(path: str, faders: Faders) -> float | None:
    """The integrated loudness of a file through faders, in LUFS; None if nothing in it can be measured."""
    return _measured(path, faders, Loudness()).integrated


def matched_gain(name: str, mix: str, parts: Mapping[str, str], pans: Mapping[str, Faders]) -> float:
    """The gain in dB that a stem has in a mix.

    The mix is taken for a sum of all stems, each through its pan and mutes at a constant gain, and something else. The
    gains are those that leave the least of that: the least sum of its levels in dB in spans of a quarter of a second.
    So spans in which a stem is another than in the mix, since it was repaired, count little, as do those in which much
    else sounds. Memory: 8 (stems + 1)² bytes a span.

    Parameters
    ----------
    name : str
        The stem.
    mix : str
        The file of the mix, of any rate. It begins with the song.
    parts : mapping of str to str
        The file of each stem before its fader, by name; with the stem itself.
    pans : mapping of str to Faders
        The path of each at a gain of 0 dB: pan and mutes.

    Returns
    -------
    float

    Raises
    ------
    StemwrightError
        If the stem is silent, is not in the mix or inverted there, or cannot be told from the others.
    """
    names = list(parts)
    with AudioFile(parts[name]) as first:
        rate, channels, frames = first.rate, first.channels, first.frames
    spans: list[tuple[int, np.ndarray]] = []
    size, at = round(_SPAN_S * rate), 0
    signals = zip(
        _session_blocks(mix, rate, channels, frames), aligned_blocks(list(parts.values())), strict=True
    )
    for whole, stems in signals:
        columns = [
            (stem * pans[each].gains(at, len(whole))).ravel() for each, stem in zip(names, stems, strict=True)
        ]
        block = np.stack([whole.ravel(), *columns])
        for start in range(0, block.shape[1], size * channels):
            span = block[:, start : start + size * channels]
            spans.append((span.shape[1], span @ span.T))
        at += len(whole)
    lengths, sums = (np.array(each) for each in zip(*spans, strict=True))
    sounds = sums[:, 0, 0] != 0  # the mix may end early
    lengths, sums = lengths[sounds], sums[sounds]
    products = sums.sum(axis=0)
    here = f"the level of {name} in {mix} cannot be found"
    mine = names.index(name)
    own, total = products[mine + 1, mine + 1], products[0, 0]
    if not math.isfinite(products.sum()):
        raise StemwrightError(f"{here}: a sample is not finite")
    if not own or not total:
        raise StemwrightError(
            f"{here}: {name if total else mix} is silent where they overlap. Give its gain_db in dB"
        )
    heard = [index for index in range(len(names)) if products[index + 1, index + 1]]
    kept = np.array(heard) + 1
    power = np.sqrt(np.diag(products)[kept])
    likeness = products[np.ix_(kept, kept)] / np.outer(power, power)
    inverse = np.linalg.pinv(likeness, hermitian=True)
    place = heard.index(mine)
    if inverse[place, place] > _MOST_INFLATION or not np.allclose(
        (likeness @ inverse)[place, place], 1, atol=1e-6
    ):
        row = np.abs(likeness[place])
        row[place] = 0
        twin = names[heard[int(np.argmax(row))]]
        raise StemwrightError(
            f"{here}: it cannot be told from other stems, of which {twin} is most like it. Give its gain_db in dB"
        )
    used = [0, *kept]
    gain = float(_least_rest(lengths, sums[:, used][:, :, used])[place])
    if abs(gain) * math.sqrt(own / total) < 10 ** (_INAUDIBLE_DB / 20):
        raise StemwrightError(
            f"{here}: it is not heard there. Does the mix begin with the song, and has it the same take?"
        )
    if gain < 0:
        raise StemwrightError(
            f"{here}: it is inverted there, or not heard at all. If inverted, add `polarity: {{}}` to its effects"
        )
    return _in_reach(name, decibels(gain), f"its level in {mix}")


def _least_rest(lengths: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """The gains of stems that leave the least sum of levels in dB, each times its span's length.

    It is the likelihood's maximum if the rest is Gaussian noise with a variance of its own in each span, and is found
    by iteratively reweighted least squares: a span counts by the inverse of the power that remains of it. The levels
    of what remains fall in each round, since the logarithm is concave (Hunter & Lange, "A Tutorial on MM Algorithms",
    The American Statistician 58, 2004).

    Parameters
    ----------
    lengths : np.ndarray
        Of each span, in samples, shape (spans,).
    spans : np.ndarray
        Sums of the products of the mix and the stems, the mix first, shape (spans, 1 + stems, 1 + stems).

    Returns
    -------
    np.ndarray
        Factors, shape (stems,).
    """
    least = 10 ** (_FITS_DB / 10) * spans[:, 0, 0].sum() / lengths.sum()
    weights = np.ones(len(spans))
    for _ in range(_ROUNDS):
        products = np.tensordot(weights, spans, 1)
        power = np.sqrt(np.diag(products)[1:])
        likeness = products[1:, 1:] / np.outer(power, power)
        gains = np.linalg.pinv(likeness, hermitian=True) @ (products[1:, 0] / power) / power
        rest = np.array([1, *-gains])
        remains = np.einsum("i,nij,j->n", rest, spans, rest, optimize=True) / lengths
        weights = least / np.maximum(remains, least)
    return gains


def _session_blocks(path: str, rate: int, channels: int, frames: int) -> Stream:
    with AudioFile(path) as file:
        blocks = as_channels(file.finite_blocks(), channels)
        yield from reblock(fit(resample(blocks, file.frames, channels, file.rate, rate), frames, channels))


def _measured(path: str, faders: Faders, meter: Any) -> Any:
    """A meter that was fed with a file through faders."""
    with AudioFile(path) as file:
        meter.start(file.rate, file.channels)
        at = 0
        for block in file.blocks():
            meter.feed(block * faders.gains(at, len(block)))
            at += len(block)
    return meter


def _in_reach(name: str, gain_db: float, why: str) -> float:
    """A gain as it is written, in dB. Raises StemwrightError if a fader does not reach it."""
    if not LOWEST_DB <= gain_db <= HIGHEST_DB:
        raise StemwrightError(
            f"{name} needs a gain of {gain_db:+.1f} dB ({why}): a fader goes from {LOWEST_DB:g} to {HIGHEST_DB:g} dB. "
            f"{'Raise' if gain_db > 0 else 'Lower'} it by an effect first, such as `gain: {{gain_db: …}}`"
        )
    return round(gain_db, _DIGITS) + 0.0
