"""The errors a user can cause or must act on. Anything else that escapes is a defect of ours."""

from __future__ import annotations


class StemwrightError(Exception):
    """Something the user can mend. Its text names the place, what was found and the remedy."""


class AudioFileError(StemwrightError):
    """An audio file that cannot be used as it is."""
