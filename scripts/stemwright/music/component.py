"""What sources, instruments, parts, effects and chains of effects have in common: what they need besides their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable


def role(where: tuple) -> str:
    """The role, in its job, of a file that stands at a place in a component's keys, such as `parts.verse.midi.file`."""
    return ".".join(map(str, where))


def below(files: Mapping[str, str], *where: object) -> dict[str, str]:
    """The files whose roles begin with a place in the keys, by the rest of their roles."""
    prefix = f"{role(where)}."
    return {name.removeprefix(prefix): path for name, path in files.items() if name.startswith(prefix)}


class Component(Configurable):
    """Base of what a job is made of: its keys, and what it needs besides them. `example` stands in the reference."""

    example: ClassVar[str] = ""

    @property
    def needs_timeline(self) -> bool:
        """Whether its result depends on tempo, meter or sections: then its render context has the timeline."""
        return False

    def input_files(self) -> list[tuple[tuple, str]]:
        """The files that it reads, each as (where in its keys, path as written).

        In its job, the render context's `files` has their paths by the `role` of that place, and the key itself does
        not say which file it is: a file's bytes count, not its name.
        """
        return []

    def remarks(self, context: RenderContext) -> Iterator[str]:
        """What a user should know of how it is rendered, such as what it leaves out: lines that its job prints."""
        return iter(())

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        """Find what it needs and this machine lacks, such as a program. Its job may run on another.

        Yields
        ------
        tuple of (tuple, str)
            The path of the key that asks for it, and a message.
        """
        return iter(())

    def modules(self) -> list[str]:
        """Modules that do part of its work and are chosen by its keys: their code counts for its job."""
        return []

    def libraries(self) -> dict[str, str]:
        """Versions, by name, of what it uses that is no Python package."""
        return {}
