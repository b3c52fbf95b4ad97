"""The file formats in which files are delivered, as the encoders in `stemwright.audio.encoders` declare them."""

from __future__ import annotations

from stemwright.audio.encoders import encoders

FORMATS = encoders()
"""The formats, by the name that `delivery.container` gives them."""

NAMES = {
    encoder.ending.removeprefix("."): "M4A" if encoder.ending == ".m4a" else name
    for name, encoder in FORMATS.items()
}
"""Their names, by ending without its dot. Of an M4A, the sample format says which of the two it is."""
