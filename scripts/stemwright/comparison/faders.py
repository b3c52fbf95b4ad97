"""Causes of gain: muted, louder, panned, of one gain or of one in each section."""

from __future__ import annotations

from typing import cast

import numpy as np

from stemwright.comparison import gains
from stemwright.comparison.difference import RAMP, Difference, Finding
from stemwright.comparison.gains import Gain, Sums
from stemwright.comparison.result import Kind

_SILENT = 1e-9  # of the loudest segment
_SAME_GAIN, _NO_GAIN = 4e-3, 1e-4  # 0.03 dB, and 0.001 dB
_ALMOST_ALL = 0.98  # of the difference's energy
_HARD_DB, _MONO_DB = 60.0, 99.0


def silenced(found: Difference) -> list[Finding]:
    """Muted for a bar or more, or heard where it was not."""
    old, new = found.segments.old, found.segments.new
    least = _SILENT * max(float(old.max()), float(new.max()))
    causes = []
    for quiet, loud, kind, text in ((new, old, "mute", "muted"), (old, new, "unmute", "no longer muted")):
        bars = frozenset(bar for bar in found.differing if _is_silent(found, bar, quiet, loud, least))
        if bars:
            causes.append(Finding(cast(Kind, kind), bars, None, "", text, 1.0))
    rest = found.differing.difference(*(each.bars for each in causes))
    return [] if rest else causes


def _is_silent(found: Difference, bar: int, quiet: np.ndarray, loud: np.ndarray, least: float) -> bool:
    """Whether one side is silent in a bar, but for a ramp at its ends, and the other is not."""
    middle = _middle(found, bar)
    return bool((quiet[middle] <= least).all() and (loud[middle] > least).any())


def _middle(found: Difference, bar: int) -> np.ndarray:
    """The segments of a bar, by their indices, without its ends, at which a fader may still move."""
    inside = np.flatnonzero(found.bars == bar)
    return inside[RAMP:-RAMP] if len(inside) > 4 * RAMP else inside


def constant(found: Difference) -> list[Finding]:
    """One gain wherever there is a difference."""
    gain = gains.constant(Sums.of(found.segments, found.inside))
    if gain is None:
        return []
    # Bars in which only a tail rings on do not count as changed. But if the gain is theirs too, it is that of all.
    is_everywhere = all(found.energy[bar] > 0 for bar in found.sounding) and gains.holds(
        Sums.of(found.segments), gain
    )
    return _of_gain(gain, found.sounding if is_everywhere else found.differing)


def shared_gain(found: Difference) -> tuple[Gain, list[Finding]] | None:
    """A gain of most bars, if others have more than that.

    Parameters
    ----------
    found : Difference
        The difference.

    Returns
    -------
    (Gain, list of Finding) or None
        The gain, and the same as a cause in all bars.
    """
    own = _gains_of_bars(found)
    if len(own) == len(found.differing) or 2 * len(own) < len(found.sounding):
        return None
    middle = sorted(own.values(), key=lambda gain: gain.db)[len(own) // 2]
    alike = [gain for gain in own.values() if _is_same(gain, middle)]
    if (
        middle.db < -_HARD_DB
        or 2 * len(alike) <= len(found.sounding)
        or np.allclose(middle.matrix, np.eye(len(middle.matrix)), atol=_NO_GAIN)
    ):
        return None
    return middle, _of_gain(middle, found.sounding)


def by_section(found: Difference) -> list[Finding]:
    """Gains that are constant in each bar: told by the bars that have the same."""
    own = _gains_of_bars(found)
    if not own or sum(found.energy[bar] for bar in own) < _ALMOST_ALL * found.energy.sum():
        return []
    groups: list[tuple[Gain, set[int]]] = []
    for bar, here in sorted(own.items()):
        same = [bars for gain, bars in groups if _is_same(gain, here)]
        if same:
            same[0].add(bar)
        else:
            groups.append((here, {bar}))
    if len(groups) > max(2, len(found.places.sections)):
        return []
    return [each for gain, bars in groups for each in _of_gain(gain, frozenset(bars))]


def _gains_of_bars(found: Difference) -> dict[int, Gain]:
    """The gain of each bar that differs by nothing else."""
    middles = {bar: _middle(found, bar) for bar in found.differing}
    own = {
        bar: gains.constant(Sums.of(found.segments, middle[found.inside[middle]]))
        for bar, middle in middles.items()
    }
    return {bar: gain for bar, gain in own.items() if gain}


def _is_same(one: Gain, other: Gain) -> bool:
    return np.allclose(one.matrix, other.matrix, atol=_SAME_GAIN)


def _of_gain(gain: Gain, bars: frozenset[int]) -> list[Finding]:
    sure = 1 - min(1.0, gain.left)
    if gain.db < -_HARD_DB:
        return [Finding("mute", bars, None, "", "muted", sure)]
    if gain.shape == "level":
        return [Finding("level", bars, gain.db, "dB", f"{gain.db:+.1f} dB", sure)]
    if gain.shape == "pan":
        side = "right" if gain.balance_db > 0 else "left"
        text = f"panned {side} by {abs(gain.balance_db):.1f} dB"
        if abs(gain.balance_db) > _HARD_DB:
            text = f"panned hard {side}"
        return [Finding("pan", bars, gain.balance_db, "dB", text, sure)]
    if gain.shape == "width":
        width = max(-_MONO_DB, gain.width_db)
        text = f"{'wider' if width > 0 else 'narrower'} by {abs(width):.1f} dB"
        if width == -_MONO_DB:
            text = "made mono"
        return [Finding("width", bars, width, "dB", text, sure)]
    if gain.shape == "polarity":
        extra = f", {gain.db:+.1f} dB" if abs(gain.db) >= 0.05 else ""
        return [Finding("polarity", bars, None, "", f"polarity inverted{extra}", sure)]
    is_swap = np.allclose(gain.matrix, gain.matrix[0, 1] * np.eye(2)[::-1], atol=_SAME_GAIN)
    text = "channels swapped" if is_swap else "channels mixed otherwise"
    return [Finding("channels", bars, None, "", text, sure)]
