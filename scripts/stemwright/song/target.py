"""The model of a loudness target."""

from __future__ import annotations

from typing import Annotated, Literal

from stemwright.mixing import loudness_targets
from stemwright.mixing.loudness_targets import parse_preset
from stemwright.song.entries import StrictModel
from stemwright.validation.fields import Field


class Target(StrictModel):
    """The loudness that the master is brought to and checked against: a preset, or a number.

    `target: ebu-r128` is short for `{preset: ebu-r128}`. If the preset has a true-peak limit below the
    limiter's ceiling, the ceiling is lowered to it.
    """

    preset: Annotated[str, Field("The name of a preset.", parse=parse_preset)] | None = None
    integrated_lufs: (
        Annotated[float, Field("Integrated loudness (EBU R 128).", "LUFS", ge=-60, le=0)] | None
    ) = None
    tolerance_lu: (
        Annotated[
            float, Field("Allowed deviation; by default that of the preset, or 0.5.", "LU", ge=0.1, le=5)
        ]
        | None
    ) = None
    severity: (
        Annotated[
            Literal["error", "warn"],
            Field(
                "error: a file that misses the target is refused; warn: it is only reported. By default that of the "
                "preset, or error."
            ),
        ]
        | None
    ) = None

    def limits(self) -> dict:
        """The target as plain data, for the gates and the master chain; see `loudness_targets.limits`."""
        return loudness_targets.limits(self.preset, self.integrated_lufs, self.tolerance_lu, self.severity)
