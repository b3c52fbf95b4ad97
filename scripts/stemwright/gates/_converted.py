"""Delivered files whose samples are not those of what they are made of: lossy, at another rate, in other channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stemwright.audio.encoders import encoder_of

if TYPE_CHECKING:
    from stemwright.graph import Artifact


def is_lossy(artifact: Artifact) -> bool:
    """Whether a file is in a lossy format."""
    container = artifact.format.get("container")
    return bool(container) and encoder_of(str(container)).is_lossy()


def is_converted(artifact: Artifact) -> bool:
    """Whether a delivered file differs from what it is made of by more than rounding."""
    if artifact.judged_as != "delivered":
        return False
    (origin,) = artifact.made_of("audio")
    same = all(artifact.format[key] == origin.format[key] for key in ("sample_rate", "channels"))
    return is_lossy(artifact) or not same
