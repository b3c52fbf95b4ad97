"""What the formats that ffmpeg writes have in common."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from stemwright.audio.decoders import INSTALL_FFMPEG
from stemwright.audio.encoders._base import Encoder, Form
from stemwright.audio.programs import Supervisor
from stemwright.audio.writer import write_samples
from stemwright.base.errors import StemwrightError
from stemwright.base.programs import NOT_INSTALLED, ffmpeg_version

_BITEXACT = ["-fflags", "+bitexact", "-flags:a", "+bitexact"]
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
        with Supervisor() as supervisor:
            source, subtype = Path(supervisor.given), form.subtype or "FLOAT"
            write_samples(
                path, source, blocks, form.rate, form.channels, form.frames, subtype, "WAV", form.seed
            )
            arguments = ["-i", supervisor.given, *cls.options(form), "-map_metadata", "-1"]
            write_mp4(supervisor, arguments, source, part, form.rate, f"{path}: ffmpeg")

    @classmethod
    def lacks(cls) -> str:
        if ffmpeg_version() == NOT_INSTALLED:
            return f"{cls.codec} needs ffmpeg, which is not installed here: {INSTALL_FFMPEG}"
        return ""

    @classmethod
    def libraries(cls) -> dict[str, str]:
        return {"ffmpeg": ffmpeg_version()}


def write_mp4(
    supervisor: Supervisor,
    arguments: Sequence[str],
    source: str | os.PathLike,
    part: Path,
    rate: int,
    program: str,
) -> None:
    """Run ffmpeg, and copy the M4A that it writes, whose bytes do not depend on the day.

    Parameters
    ----------
    supervisor : Supervisor
        The process that runs it, in whose folder it writes first.
    arguments : sequence of str
        Its inputs, and how it codes them.
    source : path-like
        The input with the sound: what is written may have twice its size.
    part : Path
        The file that is written.
    rate : int
        The unit of the edit list in Hz, the sample rate: the list says how many frames there are.
    program : str
        What messages call it.

    Raises
    ------
    StemwrightError
        If ffmpeg fails.
    """
    output = os.path.join(supervisor.folder, "output.m4a")
    form = ["-movflags", "+faststart", "-movie_timescale", str(rate), "-f", "ipod", output]
    command = [shutil.which("ffmpeg") or "ffmpeg", "-nostdin", "-v", "error", *arguments, *_BITEXACT, *form]
    supervisor.run(command, 10 + os.path.getsize(source) * 2 // 1_000_000, _TIMEOUT_S, program)
    shutil.copyfile(output, part)
