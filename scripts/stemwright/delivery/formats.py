"""The file formats in which files are delivered: one entry each."""

from __future__ import annotations

from typing import NamedTuple


class DeliveryFormat(NamedTuple):
    """A file format: the ending of its files, and the sample formats that it can hold."""

    ending: str
    subtypes: tuple[str, ...]


FORMATS = {
    "WAV": DeliveryFormat(".wav", ("PCM_16", "PCM_24", "FLOAT", "FLOAT_24")),
    "FLAC": DeliveryFormat(".flac", ("PCM_16", "PCM_24")),
}
"""The formats, by the name that libsndfile and `delivery.container` give them."""

NAMES = {delivered.ending.removeprefix("."): name for name, delivered in FORMATS.items()}
"""Their names, by ending without its dot."""
