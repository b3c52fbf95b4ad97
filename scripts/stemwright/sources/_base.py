"""What every source is."""

from __future__ import annotations

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.spec.keys import Spec


def role(where: tuple) -> str:
    """The role of a file that stands there in a source's keys, in its job: `file`, `parts.verse.midi.file`."""
    return ".".join(map(str, where))


class Source(Spec):
    """Base of a source: a frozen dataclass of its keys that yields a stream."""

    needs_reference = False
    """Whether it reads the song's conformed reference (role `reference` of the canvas's files)."""

    @property
    def in_time(self) -> bool:
        """Whether its result hangs on tempo, meter or sections: then its canvas has the timeline."""
        return False

    def inputs(self) -> list[tuple[tuple, str]]:
        """The files it reads, each as (where in its keys, path as written).

        In its job the canvas's files have their paths by `role` of where they stand, and the key itself does
        not say which file it is: a file's bytes count, not its name.
        """
        return []

    def modules(self) -> list[str]:
        """Modules that do part of its work and are chosen by its keys: their code counts for its job."""
        return []

    def uses(self, section: str) -> tuple[str, ...]:
        """What it plays of the harmony of sections of this name: `key`, `chords`, both or nothing."""
        return ()

    def sections(self) -> list[tuple[tuple, str]]:
        """Sections it names, each as (where in its keys, name), to be held against the song's."""
        return []

    def render(self, canvas: Canvas) -> Stream:
        raise NotImplementedError
