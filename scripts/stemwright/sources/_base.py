"""What every source is."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.audio import Stream
from stemwright.music.render_context import RenderContext
from stemwright.validation.fields import Configurable


def role(where: tuple) -> str:
    """The role of a file that stands there in a source's keys, in its job: `file`, `parts.verse.midi.file`."""
    return ".".join(map(str, where))


def below(files: dict[str, str], *where: str) -> dict[str, str]:
    """The files of a place in the keys, by their roles from there on."""
    prefix = f"{role(where)}."
    return {name.removeprefix(prefix): path for name, path in files.items() if name.startswith(prefix)}


class Source(Configurable):
    """Base of a source: a frozen dataclass of its keys that yields a stream."""

    needs_reference = False
    """Whether it reads the song's conformed reference (role `reference` of the context's files)."""

    rhythmic = False
    """Whether it writes when its sounds begin: `onsets` tells, and gates hold the stem against it."""

    @property
    def needs_timeline(self) -> bool:
        """Whether its result hangs on tempo, meter or sections: then its context has the timeline."""
        return False

    def input_files(self) -> list[tuple[tuple, str]]:
        """The files it reads, each as (where in its keys, path as written).

        In its job the context's files have their paths by `role` of where they stand, and the key itself does
        not say which file it is: a file's bytes count, not its name.
        """
        return []

    def modules(self) -> list[str]:
        """Modules that do part of its work and are chosen by its keys: their code counts for its job."""
        return []

    def libraries(self) -> dict[str, str]:
        """The version of each library that it uses and that Python's own packages do not tell of."""
        return {}

    def uses(self, section: str) -> tuple[str, ...]:
        """What it plays of the harmony of sections of this name: `key`, `chords`, both or nothing."""
        return ()

    def sections(self) -> list[tuple[tuple, str]]:
        """Sections it names, each as (where in its keys, name), to be held against the song's."""
        return []

    def onsets(self, context: RenderContext) -> Iterator[tuple[int, float]]:
        """(frame, level in dB, about) of every sound that it writes, in any order."""
        raise NotImplementedError

    def render(self, context: RenderContext) -> Stream:
        raise NotImplementedError
