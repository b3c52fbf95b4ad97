"""Times as clocks show them."""

from __future__ import annotations


def clock(seconds: float, decimals: int = 0) -> str:
    """A time in s as 1:02:03; with decimals, those of its seconds."""
    ticks = round(seconds * 10**decimals)
    whole, rest = divmod(ticks, 10**decimals)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{rest:0{decimals}}" if decimals else text
