"""The pieces of a drum kit and other percussion, by name, as patterns and kits know them."""

from __future__ import annotations

GENERAL_MIDI = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "pedal_hat": 44,
    "open_hat": 46,
    "tom_low": 45,
    "tom_mid": 47,
    "tom_high": 50,
    "shaker": 82,
    "cowbell": 56,
    "ride": 51,
    "ride_bell": 53,
    "crash": 49,
    "splash": 55,
    "china": 52,
    "tambourine": 54,
    "bongo_high": 60,
    "bongo_low": 61,
    "conga_mute": 62,
    "conga_high": 63,
    "conga_low": 64,
    "cabasa": 69,
    "maracas": 70,
    "claves": 75,
    "triangle": 81,
}
"""The MIDI key of each piece: General MIDI percussion key map (the shaker: GM 2, 1999)."""


def parse_piece(text: object) -> str:
    """The name of a piece. Raises ValueError for anything else."""
    if not isinstance(text, str) or text not in GENERAL_MIDI:
        raise ValueError(f"must be a piece of the kit: {', '.join(GENERAL_MIDI)} (is {text!r})")
    return text
