"""What a delivered file says about itself, as plain data: the same for every container."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from stemwright.delivery.metadata._cover import Cover, covers_said
from stemwright.validation.names import in_ascii

MOST_CHAPTERS = 255
"""What a table of contents of ID3, and a list of chapters in MP4, can hold: they count in one byte."""

TAGS = (
    "title",
    "artist",
    "album",
    "albumartist",
    "composer",
    "track",
    "isrc",
    "upc",
    "copyright",
    "date",
    "genre",
    "language",
    "bpm",
    "key",
    "comment",
)
"""The names of all tags."""


class Marker(NamedTuple):
    """A section: its first frame, its length in frames and its title."""

    frame: int
    frames: int
    title: str


@dataclass(frozen=True)
class Metadata:
    """What a file says about itself.

    Attributes
    ----------
    tags : mapping of str to str
        Its tags, of `TAGS`. A track may be `3/10`, a date has ISO's form, a language three letters, an ISRC no hyphens.
    rate : int
        The rate in Hz that frames of markers, loop and time reference are counted at; the file may have another.
    markers : sequence of Marker
        Its sections.
    loop : (int, int) or ()
        The first frame of the loop, and the frame after its last.
    bext : mapping
        Of a broadcast WAV `description`, `originator`, `date` (as in tags, or ""), `time` (HH:MM:SS),
        `time_reference` in frames, and whether its loudness is of `dual_mono`.
    ixml : mapping
        Of iXML `project`, perhaps `note`, and `time_reference`.
    cover : Cover or None
        Its cover.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    rate: int = 0
    markers: Sequence[Marker] = ()
    loop: Sequence[int] = ()
    bext: Mapping[str, Any] = field(default_factory=dict)
    ixml: Mapping[str, Any] = field(default_factory=dict)
    cover: Cover | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], cover: Cover | None = None) -> Metadata:
        """From what `to_dict` gives, and the cover. Texts lose what no container can hold, see `clean`."""
        cleaned = {
            role: {
                key: clean(value) if isinstance(value, str) else value for key, value in data[role].items()
            }
            for role in ("tags", "bext", "ixml")
            if role in data
        }
        markers = [Marker(frame, frames, clean(title)) for frame, frames, title in data.get("markers", ())]
        return cls(**{**data, **cleaned, "markers": markers, "cover": cover})

    def to_dict(self) -> dict[str, Any]:
        """As plain data, without what is not there; without the cover, which is a file of its own."""
        found = {key: value for key, value in asdict(self).items() if value and key != "cover"}
        return found | {"markers": [list(each) for each in self.markers]} if self.markers else found

    @property
    def cover_said(self) -> dict[str, str]:
        """What a file says of its cover."""
        return covers_said([self.cover.data] if self.cover else [])

    def frame_in(self, rate: int, frame: int) -> int:
        """A frame of the song in a file of another rate, rounded half up.

        Parameters
        ----------
        rate : int
            The rate of the file in Hz.
        frame : int
            The frame at the song's rate.

        Returns
        -------
        int
        """
        return (2 * frame * rate + self.rate) // (2 * self.rate)

    def milliseconds(self, frame: int) -> int:
        """Where a frame of the song is in time, rounded half up."""
        return self.frame_in(1000, frame)

    @property
    def tempo(self) -> str:
        """Its tempo as a whole number, which is all that ID3 and MP4 hold, or ""."""
        return str(int(float(self.tags["bpm"]) + 0.5)) if "bpm" in self.tags else ""


def sections(starts: Iterable[tuple[int, str]]) -> dict[str, str]:
    """What a file says of its sections: where each begins, in the container's own unit, and its title."""
    return {f"section {number}": f"{at:,} {title}" for number, (at, title) in enumerate(starts, 1)}


def clean(text: str) -> str:
    """Text without controls but line breaks and tabs, and without surrogates: NUL would end it, XML forbids others."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


def ascii_bytes(text: str, most: int) -> bytes:
    """Text in at most so many bytes of ASCII: é as e, ’ as '; what has no such letter, as a question mark."""
    return in_ascii(text).encode("ascii", "replace")[:most]
