"""Errors that a user can cause or must act on. Any other exception that escapes is a defect of Stemwright."""

from __future__ import annotations

from collections.abc import Iterable

from stemwright.base.printable import printable_lines


class StemwrightError(Exception):
    """An error that the user can fix. Its message names the place, what was found and the remedy."""

    def __str__(self) -> str:
        return printable_lines(super().__str__())


class AudioFileError(StemwrightError):
    """An audio file that is missing, damaged or in a format that cannot be used."""


class OrphanedJobError(StemwrightError):
    """The run that started this job has ended, and another one may make its file."""


class ChangedFileError(StemwrightError):
    """An artifact, or its record, that differs from what was produced or verified.

    `artifact` is the path of the file to build again, `text` says what differs; `others` are errors of further files.
    """

    def __init__(self, artifact: str, text: str, others: Iterable[ChangedFileError] = ()):
        self.artifact, self.text, self.others = artifact, text, tuple(others)
        super().__init__("\n".join([text, *(error.text for error in self.others)]))


def comes_of_ctrl_c(error: BaseException | None) -> bool:
    """Whether an error is KeyboardInterrupt, or was raised because of it: libraries turn it into others."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None
