"""The formats in which files are delivered: one module for each, with its class.

A format's name in YAML is that of its module in capitals: `delivery.container: MP3` is the class `Mp3` of `mp3.py`.
Every module is found by its name, and there is no list. What a format can hold stands in its class, so that
planning can tell a mistake without writing a file.
"""

from __future__ import annotations

from stemwright.audio.encoders._base import Encoder, Form
from stemwright.validation import registry

__all__ = ["Encoder", "Form", "encoder_of", "encoders"]


def encoder_of(container: str) -> type[Encoder]:
    """The format of a name such as `MP3`; its module alone is imported."""
    return registry.load(__name__, container.lower())


def encoders() -> dict[str, type[Encoder]]:
    """Every format, by its name in YAML, in alphabetical order."""
    return {kind.upper(): encoder_of(kind) for kind in registry.kinds(__name__)}
