"""Numbers and times in words, as pages show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stemwright.base.printable import printable

_STAGES = {
    "timeline": "Timeline",
    "reference": "Reference",
    "stem": "Stem",
    "bus": "Bus",
    "processed": "After effects",
    "level": "Level",
    "mix": "Mix",
    "master": "Master",
    "gains": "Gains",
    "printed": "Printed stem",
    "version_mix": "Mix of a version",
    "version_master": "Master of a version",
    "delivery_master": "Master of a delivery",
    "delivered": "Delivered",
    "handoff": "Hand-off",
    "live": "Stage pack",
    "archive": "Archive",
    "preview": "Preview",
}
"""What the stages are called for people; another is called by its own name."""

_STATUS = {"pass": "passed", "warn": "warning", "skip": "skipped", "fail": "failed"}
_MINUS = re.compile(r"(?<![\w.])-(?=\d|inf\b)")


def typeset(text: str) -> str:
    """A text with minus signs before its numbers instead of hyphens, and ≤ and ≥ for their spellings in code."""
    return _MINUS.sub("−", text).replace("<=", "≤").replace(">=", "≥").replace("−inf", "−∞")


def amount(value: float | int | str | None, unit: str = "") -> str:
    """A measured value with its unit.

    Parameters
    ----------
    value : float, int or str, optional
        The value, as in a record; None, for what was not measured, gives "".
    unit : str
        Its unit.

    Returns
    -------
    str
    """
    if value is None:
        return ""
    if isinstance(value, float):
        text = f"{value:.6g}"
        if unit.startswith(("LU", "dB")) and text.lstrip("-").isdigit():
            text += ".0"
    else:
        text = f"{value:,}" if isinstance(value, int) else printable(value)
    return typeset(f"{text} {unit}".rstrip())


def count(number: int, what: str) -> str:
    """A number of things: "1 file", "1,200 files"."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def stage_name(stage: str) -> str:
    """What a stage is called for people."""
    return _STAGES.get(stage, stage)


def check_in_words(check: Mapping[str, Any]) -> dict[str, str]:
    """A check of a record, in words."""
    return {
        "id": check["id"],
        "measured": amount(check["measured"], check["unit"]),
        "limit": typeset(printable(check["limit"])),
        "status": check["status"],
        "verdict": _STATUS[check["status"]],
        "reason": typeset(printable(check.get("reason", ""))),
        "remedy": typeset(printable(check.get("remedy", ""))),
    }
