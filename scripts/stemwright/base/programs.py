"""The programs of this machine that songs may need."""

from __future__ import annotations

import shutil
import subprocess

from stemwright.base.facts import fact

NOT_INSTALLED = "not installed"
"""The version of a program that this machine lacks."""


@fact
def is_installed(program: str) -> bool:
    """Whether a program is on this machine, by its path or its name."""
    return shutil.which(program) is not None


@fact
def ffmpeg_version() -> str:
    """The version of ffmpeg, or `NOT_INSTALLED`."""
    program = shutil.which("ffmpeg")
    if program is None:
        return NOT_INSTALLED
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[2:3])
