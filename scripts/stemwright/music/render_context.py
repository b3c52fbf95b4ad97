"""The render context: what a source or an effect knows of the song it is rendered for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class Window:
    """A stretch of a song of `song_frames` frames that is rendered alone, as it is in the song, from `start` on."""

    start: int
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

    Of a `window`, what effects are given and give begins at its start, not with the song; `begins` has the frame of the
    song at which a side-chain's file begins, by its path, if that is another one. A source always begins with the song,
    but of what it yields only frames from `heard` to its second number (exclusive) are used, if it is given: it may
    leave out what is not heard there.
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
    window: Window | None = None
    begins: Mapping[str, int] = field(default_factory=dict)
    heard: tuple[int, int] | None = None

    @property
    def song_frames(self) -> int:
        """The length of the song, where its fade-out ends."""
        part = self.slice or self.window
        return part.song_frames if part else self.frames

    @property
    def origin(self) -> int:
        """The frame of the song with which the streams of effects begin."""
        return self.window.start if self.window else 0

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
