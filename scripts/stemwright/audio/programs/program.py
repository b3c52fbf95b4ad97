"""What the keys of every program have in common, and how it is run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from stemwright.audio.programs.arguments import fill, missing, split_argument
from stemwright.audio.programs.supervisor import Supervisor, quote_end
from stemwright.base.errors import StemwrightError
from stemwright.base.programs import is_installed
from stemwright.music.component import Component, role
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Field
from stemwright.validation.names import parse_name

_SHELL = "/bin/sh"


@dataclass(frozen=True)
class Program(Component):
    """Base of what runs a program. `placeholders` are those that a subclass knows, `needed` those that must be used.

    A subclass declares `argv` again, with its placeholders.
    """

    placeholders: ClassVar[tuple[str, ...]]
    needed: ClassVar[tuple[str, ...]]

    argv: list[str]
    inputs: Annotated[
        dict[
            Annotated[str, Field("The name of an input.", parse=parse_name)],
            Annotated[str, Field("A path.", min_length=1)],
        ],
        Field("The files it reads, by name: paths from the working directory; absolute and ~ work too."),
    ] = field(default_factory=dict)
    shell: Annotated[bool, Field("Join the arguments with spaces and run them with /bin/sh.")] = False
    timeout_s: Annotated[float, Field("Maximum run time.", "s", gt=0, le=86_400)] = 600.0
    limit_mb: Annotated[int, Field("Maximum size of any file that it writes.", "MB", ge=1, le=100_000)] = (
        2_000
    )

    def __post_init__(self) -> None:
        if mistake := missing(self.argv, self.placeholders, self.needed, self.inputs):
            raise ValueError(mistake)

    def input_files(self) -> list[tuple[tuple, str]]:
        return [(("inputs", name), path) for name, path in self.inputs.items()]

    def is_only_here(self) -> bool:
        return True

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        words = split_argument(self.argv[0], self.placeholders)
        if self.shell or any(place for _, place in words):
            return  # a line for the shell, or a file among the inputs
        program = "".join(text for text, _ in words)
        if not is_installed(os.path.expanduser(program) if "/" in program else program):
            where = "that may be executed" if "/" in program else "in PATH"
            yield ("argv", 0), f"there is no program {program!r} {where} here: install it, or give its path"

    @contextmanager
    def run(self, supervisor: Supervisor, context: RenderContext, frames: int) -> Iterator[str]:
        """Run the program, and read what it wrote: errors meanwhile name the program, and quote its output.

        Parameters
        ----------
        supervisor : Supervisor
            The process that runs it.
        context : RenderContext
            The rate and the channels that it is told, and its input files.
        frames : int
            The length that it is told.

        Yields
        ------
        str
            The path that it was to write to.
        """
        output = os.path.join(supervisor.folder, "output.wav")
        values = {
            ("output", ""): output,
            ("rate", ""): str(context.rate),
            ("channels", ""): str(context.channels),
            ("seconds", ""): f"{frames / context.rate:.9f}".rstrip("0").rstrip("."),
        }
        if "input" in self.placeholders:
            values["input", ""] = supervisor.given
        for name in self.inputs:
            values["input", name] = os.path.abspath(context.files[role(("inputs", name))])
        arguments = fill(self.argv, values, self.shell)
        program = arguments[0]
        command = [_SHELL, "-c", " ".join(arguments)] if self.shell else arguments
        printed = supervisor.run(command, self.limit_mb, self.timeout_s, program)
        try:
            yield output
        except StemwrightError as error:
            found = str(error).replace(f"{supervisor.folder}/", "")
            if not os.path.lexists(output):
                found = "it succeeded, but did not write {output}"
            raise StemwrightError(f"{program}: {found}{quote_end(printed)}") from None
