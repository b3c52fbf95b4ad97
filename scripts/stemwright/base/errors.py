"""The errors a user can cause or must act on. Anything else that escapes is a defect of ours."""

from __future__ import annotations


class StemwrightError(Exception):
    """Something the user can mend. Its text names the place, what was found and the remedy."""


class AudioFileError(StemwrightError):
    """An audio file that cannot be used as it is."""


class ChangedFileError(StemwrightError):
    """An artifact, or a record of it, that is not what was made or verified: `artifact` is to be made again."""

    def __init__(self, artifact: str, text: str):
        super().__init__(text)
        self.artifact = artifact
