"""Schemes of names for delivered files, and the text that each field of a name stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stemwright.validation.problems import did_you_mean

SCHEMES: Mapping[str, Mapping[str, Any]] = {
    # After "Delivery Recommendations for Recorded Music Projects" of the Recording Academy's Producers & Engineers
    # Wing (2018, naming of audio files): artist, title, what it is, and the rate with the bit depth, such as 48k24.
    "pe-wing": {
        "master": "{artist}_{title}_{type}_{rate}{bits}",
        "mix": "{artist}_{title}_{type}_{rate}{bits}",
        "stem": "{artist}_{title}_{type}_{rate}{bits}",
        "version": "{artist}_{title}_{type}_{rate}{bits}",
        "ascii": True,
        "compact": True,
    },
    # As labels and sync libraries ask for it: Artist_Title_MixType_Tempo_Key.
    "mix-type": {
        "master": "{artist}_{title}_{type}_{bpm}bpm_{key}",
        "mix": "{artist}_{title}_{type}_{bpm}bpm_{key}",
        "stem": "{artist}_{title}_{type}_{bpm}bpm_{key}",
        "version": "{artist}_{title}_{type}_{bpm}bpm_{key}",
        "ascii": True,
        "compact": True,
    },
}
"""The keys of `names` that each scheme sets."""


def parse_scheme(text: object) -> str:
    """The name of a scheme. Raises ValueError with the known names."""
    if text not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise ValueError(f"must be a scheme: {known} (is {text!r}){did_you_mean(text, list(SCHEMES))}")
    return str(text)


def short_key(key: str | None) -> str | None:
    """A musical key as musicians write it in a file name, such as `G` for G major and `F#m` for F# minor."""
    if key is None:
        return None
    tonic, _, mode = key.partition(" ")
    return tonic + {"major": "", "minor": "m"}.get(mode, f"-{mode}")


def short_bpm(bpm: object) -> str | None:
    """A tempo as in a file name: `400/3` as `400-3`. None without one."""
    return None if bpm is None else str(bpm).replace("/", "-")


def short_rate(rate: int) -> str:
    """A sample rate as in `48k` and `44.1k`."""
    return f"{rate / 1000:g}k"


def compact(text: str) -> str:
    """Text without spaces and signs, each word with a capital: `Night bus (live)` as `NightBusLive`."""
    words = text.replace("#", "sharp").replace("'", "").replace("’", "")
    parts = "".join(sign if sign.isalnum() or sign == "." else " " for sign in words).split()
    return "".join(part[0].upper() + part[1:] for part in parts)
