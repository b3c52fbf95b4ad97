"""The render context: what a source or an effect knows of the song it is rendered for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stemwright.music.timeline import Timeline


@dataclass(frozen=True)
class RenderContext:
    """The format of a render (`rate` in Hz, `channels`, length in `frames`) and its musical and file inputs.

    `seed` is the text that random numbers are seeded with. `timeline` is set only for sources and effects whose
    `needs_timeline` is true. `files` maps the role of each input file to its path; at planning, those of audio
    files that are there and that no rule makes. `harmony` has an entry per section of the timeline: what the source
    declared in `uses`, as returned by `Harmony.to_dict` (see `stemwright.music.harmony.section`).
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
