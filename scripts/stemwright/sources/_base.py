"""What every source is."""

from __future__ import annotations

from collections.abc import Iterator

from stemwright.audio import Stream
from stemwright.canvas import Canvas
from stemwright.spec.keys import Spec


class Source(Spec):
    """Base of a source: a frozen dataclass of its keys that yields a stream."""

    needs_reference = False
    """Whether it reads the song's conformed reference (role `reference` of the canvas's files)."""

    rhythmic = False
    """Whether it writes when its sounds begin: `onsets` tells, and gates hold the stem against it."""

    @property
    def in_time(self) -> bool:
        """Whether its result hangs on tempo, meter or sections: then its canvas has the timeline."""
        return False

    def input_file(self) -> str | None:
        """The path, as written, of the audio file it reads, if any (role `file` of the canvas's files)."""
        return None

    def sections(self) -> list[tuple[tuple, str]]:
        """Sections it names, each as (where in its keys, name), to be held against the song's."""
        return []

    def onsets(self, canvas: Canvas) -> Iterator[tuple[int, float]]:
        """(frame, level in dB, about) of every sound that it writes, in any order."""
        raise NotImplementedError

    def render(self, canvas: Canvas) -> Stream:
        raise NotImplementedError
