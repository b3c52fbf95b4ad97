"""What the formats that ffmpeg writes have in common."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from stemwright.audio.decoders import INSTALL_FFMPEG, NOT_INSTALLED, ffmpeg_version
from stemwright.audio.encoders._base import Encoder, Form
from stemwright.audio.programs import Supervisor
from stemwright.audio.writer import write_audio
from stemwright.base.errors import StemwrightError

_BITEXACT = ["-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1"]
_TIMEOUT_S = 24 * 3600.0


class FfmpegEncoder(Encoder):
    """Base of a codec in MP4 that ffmpeg writes. ffmpeg reads what our own writer wrote, dithered by that."""

    ending = ".m4a"
    kind = "MP4"

    @classmethod
    def options(cls, form: Form) -> Sequence[str]:
        """The codec and its settings, as arguments of ffmpeg."""
        raise NotImplementedError

    @classmethod
    def write(cls, path: str, part: Path, blocks: Iterable[np.ndarray], form: Form) -> None:
        """Encode a stream with ffmpeg. It is written into the folder of the program first."""
        if lack := cls.lacks():
            raise StemwrightError(f"{path}: {lack}")
        ffmpeg = shutil.which("ffmpeg") or ""
        with Supervisor() as supervisor:
            try:
                write_audio(
                    supervisor.given,
                    blocks,
                    rate=form.rate,
                    channels=form.channels,
                    frames=form.frames,
                    subtype=form.subtype or "FLOAT",
                    seed=form.seed,
                )
            except StemwrightError as error:
                raise StemwrightError(str(error).replace(supervisor.given, path)) from None
            output = os.path.join(supervisor.folder, "output.m4a")
            arguments = ["-nostdin", "-v", "error", "-i", supervisor.given, *cls.options(form), *_BITEXACT]
            limit_mb = 10 + os.path.getsize(supervisor.given) * 2 // 1_000_000
            supervisor.run(
                [
                    ffmpeg,
                    *arguments,
                    "-movflags",
                    "+faststart",
                    "-movie_timescale",
                    str(form.rate),
                    "-f",
                    "ipod",
                    output,
                ],
                limit_mb,
                _TIMEOUT_S,
                f"{path}: ffmpeg",
            )
            shutil.copyfile(output, part)

    @classmethod
    def lacks(cls) -> str:
        if ffmpeg_version() == NOT_INSTALLED:
            return f"{cls.codec} needs ffmpeg, which is not installed here: {INSTALL_FFMPEG}"
        return ""

    @classmethod
    def libraries(cls) -> dict[str, str]:
        return {"ffmpeg": ffmpeg_version()}
