"""The render context: what a source or an effect knows of the song it is rendered for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stemwright.music.timeline import Timeline


@dataclass(frozen=True)
class Slice:
    """What of a song is rendered, as if the song were silent before and after: frames `start` to `end` (exclusive).

    What begins in it rings on after it. `lead` is how many frames before `start` an attack may be early, and
    `song_frames` the length of the song.
    """

    start: int
    end: int
    lead: int
    song_frames: int


@dataclass(frozen=True)
class RenderContext:
    """The format of a render (`rate` in Hz, `channels`, length in `frames`) and its musical and file inputs.

    `seed` is the text that random numbers are seeded with. `timeline` is set only for sources and effects whose
    `needs_timeline` is true. `files` maps the role of each input file to its path; at planning, those of audio
    files that are there and that no rule makes. `harmony` has an entry per section of the timeline: what the source
    declared in `uses`, as returned by `Harmony.to_dict` (see `stemwright.music.harmony.section`). With a `slice`, only
    that of the song is rendered, in the song's own time; the render may then be shorter or longer than the song. With
    `passages` (of each its start, its end and where it stands), what moves in the song's time moves as in them.
    """

    rate: int
    channels: int
    frames: int
    seed: str = ""
    timeline: Timeline | None = None
    files: dict[str, str] = field(default_factory=dict)
    harmony: Sequence[dict] = ()
    slice: Slice | None = None
    passages: Sequence[tuple[int, int, int]] = ()

    @property
    def song_frames(self) -> int:
        """The length of the song, where its fade-out ends."""
        return self.slice.song_frames if self.slice else self.frames

    @property
    def first_frame(self) -> int:
        """The first frame that may sound."""
        return self.slice.start - self.slice.lead if self.slice else 0

    def is_played(self, frame: int) -> bool:
        """Whether a note that is written on a frame is rendered."""
        return self.slice is None or self.slice.start <= frame < self.slice.end

    def required_timeline(self) -> Timeline:
        """The timeline. Raises RuntimeError if there is none, because `needs_timeline` was false."""
        if self.timeline is None:
            raise RuntimeError(
                "the render context has no timeline: needs_timeline must be true where it is read"
            )
        return self.timeline
