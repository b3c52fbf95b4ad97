"""A finding: a gate's check, with the file it is about, the clause it rests on and a command that mends it."""

from __future__ import annotations

from dataclasses import dataclass

from stemwright.gates import Check


@dataclass(frozen=True)
class Finding:
    """One check of a delivery.

    Attributes
    ----------
    check : Check
        What was measured, the limit and the verdict.
    file : str
        The file's name in the delivery; "" if the check is about all of it.
    clause : str
        The document and the section that the limit is from.
    command : str
        A command for a POSIX shell that mends the fault and writes a new file; "" if there is none.
    """

    check: Check
    file: str = ""
    clause: str = ""
    command: str = ""

    def record(self) -> dict:
        """The finding as plain data."""
        extra = {"clause": self.clause, "command": self.command}
        return {
            "file": self.file,
            **self.check.record(),
            **{key: text for key, text in extra.items() if text},
        }
