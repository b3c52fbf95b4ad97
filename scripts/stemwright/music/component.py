"""What sources, instruments, parts, effects and chains of effects have in common: what they need besides their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from stemwright.music.automation import Automation
from stemwright.music.curve import Curve
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable, Field, automatable


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
        """Whether its result depends on tempo, meter or sections: then its render context has the timeline.

        Here, whether one of its keys moves in bars, beats, sections or notes. Where keys may move, what overrides this
        asks it too.
        """
        return any(automation.needs_timeline for automation in self._automations().values())

    def curve_of(self, name: str, context: RenderContext) -> Curve:
        """The curve of a key that may be automated; of a plain number, one that stays."""
        return self._automations()[name].curve(context, self._declared()[name].unit)

    def key_curves(self, context: RenderContext) -> dict[str, Curve]:
        """The curves of all keys that may be automated and have a value, by name."""
        return {name: self.curve_of(name, context) for name in self._automations()}

    def problems(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        """Find the mistakes in automations, and if there are none, in the keys as a whole."""
        found = [
            ((name, *where), message)
            for name, automation in self._automations().items()
            for where, message in automation.mistakes_in(context)
        ]
        yield from found or super().problems(context)

    def _declared(self) -> dict[str, Field]:
        kind: type = type(self)
        return automatable(kind)

    def _automations(self) -> dict[str, Automation]:
        written = {name: getattr(self, name) for name in self._declared()}
        return {name: Automation(value) for name, value in written.items() if value is not None}

    def input_files(self) -> list[tuple[tuple, str]]:
        """The files that it reads, each as (where in its keys, path as written).

        In its job, the render context's `files` has their paths by the `role` of that place, and the key itself does
        not say which file it is: a file's bytes count, not its name.
        """
        return []

    def doubts(self, context: RenderContext) -> Iterator[tuple[tuple, str]]:
        """Find what can be rendered and is probably a mistake: a warning when the build is planned.

        Yields
        ------
        tuple of (tuple, str)
            The path of a key, and a message.
        """
        return iter(())

    def remarks(self, context: RenderContext) -> Iterator[str]:
        """What a user should know of how it is rendered, such as what it leaves out: lines that its job prints."""
        return iter(())

    def unrepeatable(self) -> list[str]:
        """The kinds in it that may give another sound each time."""
        return []

    def is_only_here(self) -> bool:
        """Whether it runs what we do not know the version of, such as a program: it may sound otherwise elsewhere."""
        return False

    def lacks(self) -> Iterator[tuple[tuple, str]]:
        """Find what it needs and this machine lacks, such as a program. Its job may run on another.

        Yields
        ------
        tuple of (tuple, str)
            The path of the key that asks for it, and a message.
        """
        return iter(())

    def held_bytes(self, context: RenderContext) -> int:
        """How many bytes of sound it holds in memory at once, at most: 0 for what works in blocks, or caches little."""
        return 0

    def modules(self) -> list[str]:
        """Modules that do part of its work and are chosen by its keys: their code counts for its job."""
        return []

    def libraries(self) -> dict[str, str]:
        """Versions, by name, of what it uses that is no Python package."""
        return {}
