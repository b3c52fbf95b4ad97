"""The file formats in which files are delivered, as the encoders in `stemwright.audio.encoders` declare them."""

from __future__ import annotations

from stemwright.audio.encoders import encoders

FORMATS = encoders()
"""The formats, by the name that `delivery.container` gives them."""
