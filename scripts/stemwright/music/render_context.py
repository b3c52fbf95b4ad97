"""What a source or an effect is given to paint on: the grid that its output must fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stemwright.music.timeline import Timeline


@dataclass(frozen=True)
class RenderContext:
    """Sample rate in Hz, channels, and the length in frames of every file of the song.

    `seed` is what randomness hangs on. `timeline` is there only for who asked for it by `in_time`.
    `files` maps a role to the path of an input. `harmony` has for each span of the timeline what was asked for
    by `uses`, as facts of a `stemwright.music.harmony.section.Harmony`.
    """

    rate: int
    channels: int
    frames: int
    seed: str = ""
    timeline: Timeline | None = None
    files: dict[str, str] = field(default_factory=dict)
    harmony: Sequence[dict] = ()

    def required_timeline(self) -> Timeline:
        """The timeline. Raises RuntimeError if there is none, because `needs_timeline` was false."""
        if self.timeline is None:
            raise RuntimeError(
                "the render context has no timeline: needs_timeline must be true where it is read"
            )
        return self.timeline
