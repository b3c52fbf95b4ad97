"""The result of a comparison, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from stemwright.comparison.sides import Role

Kind = Literal[
    "level",
    "pan",
    "width",
    "polarity",
    "channels",
    "mute",
    "unmute",
    "timing",
    "tone",
    "dynamics",
    "ambience",
    "effect",
    "pitch",
    "notes",
    "hits",
    "sound",
    "length",
    "structure",
    "tempo",
    "master",
    "format",
]
"""What was changed.

`level` (also drawn over time), `pan`, `width`, `polarity`, `channels` (swapped or mixed), `mute` and `unmute` (of some
bars), `timing` (earlier or later), `tone` (equalizer or filter), `dynamics` (compressor, gate, limiter), `ambience`
(reverb, echo), `effect` (other processing of the same sound), `pitch` (all of it, by so many semitones), `notes` and
`hits` (others, or at other times), `sound` (another instrument, sample or take), `length`, and of the whole song
`structure`, `tempo`, `master` (its chain or target, while the mix is equal) and `format`.
"""

Status = Literal["identical", "changed", "added", "removed", "renamed"]


@dataclass(frozen=True)
class Where:
    """A passage of the new song (of the old one, for what is only there).

    Attributes
    ----------
    start_frame, end_frame : int
        Its first frame, and the one after its last.
    start_s, end_s : float
        The same in s.
    bars : (int, int), optional
        Its first and last bar; None without a timeline or bars.
    sections : sequence of str
        The sections that it has a part of, in the order of the song; empty where it is the whole song.
    is_whole : bool
        Whether it is all of the song in which the track sounds.
    words : str
        The passage in words, such as `in chorus`, `from bar 41`; empty for the whole.
    """

    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    bars: tuple[int, int] | None
    sections: Sequence[str]
    is_whole: bool
    words: str


@dataclass(frozen=True)
class Change:
    """One thing that was changed.

    Attributes
    ----------
    kind : str
        See `Kind`.
    where : sequence of Where
        Its passages, in order.
    amount, unit : float, str
        How much, in `dB`, `ms`, `semitones`, `bpm` and so on; None and "" where there is no number for it.
    words : str
        All of it, such as `+1.5 dB in chorus`, without the track's name.
    confidence : float
        0 to 1: how much of the difference it explains.
    """

    kind: Kind
    where: Sequence[Where]
    amount: float | None
    unit: str
    words: str
    confidence: float


@dataclass(frozen=True)
class TrackComparison:
    """One track on both sides.

    Attributes
    ----------
    role, name : str
        What it is now; of one that was removed, what it was.
    status : str
        `identical` (also where only the container or the tags differ), `changed`, `added`, `removed`, or `renamed`,
        which means equal samples under another name.
    proof : str
        What proves it identical: `bytes` or `samples`; else empty.
    old_path, new_path, old_name : str
        The files and the name before; empty where there is none.
    changes : sequence of Change
        What was changed, the most important first.
    follows : sequence of str
        The names of the tracks before it, if their changes are all that changed it; `song` if the song's tempo or
        structure are.
    residual_dbfs, residual_db : float, optional
        The RMS level of new minus old where they differ, in dBFS and relative to the old; None if they are equal, or
        cannot be subtracted.
    by_bar : sequence of (int, float or None)
        Each bar (each second, from 0, where there are no bars), and the level of the difference in it in dBFS; empty if
        they were not subtracted.
    """

    role: Role
    name: str
    status: Status
    proof: str = ""
    old_path: str = ""
    new_path: str = ""
    old_name: str = ""
    changes: Sequence[Change] = ()
    follows: Sequence[str] = ()
    residual_dbfs: float | None = None
    residual_db: float | None = None
    by_bar: Sequence[tuple[int, float | None]] = ()


@dataclass(frozen=True)
class Comparison:
    """All that differs.

    Attributes
    ----------
    tracks : sequence of TrackComparison
        Stems, buses, mix, master, versions, in the order of the new side; then what was removed.
    changes : sequence of Change
        What changed of the song as a whole: structure, tempo, length, format.
    summary : sequence of str
        All of it in words, a line each thing, with the names of tracks.
    """

    tracks: Sequence[TrackComparison]
    changes: Sequence[Change]
    summary: Sequence[str]

    @property
    def is_identical(self) -> bool:
        """Whether nothing differs that can be heard."""
        return not self.changes and all(track.status == "identical" for track in self.tracks)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"is_identical": self.is_identical, **asdict(self)}
