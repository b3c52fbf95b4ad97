"""What differs between two states of a song, in words, bars and stems.

`songs.compare` takes two `Side`s and gives a `Comparison`. Files with equal bytes are equal; others are read, in
blocks: equal samples are equal too. What is left is explained by the simplest cause that the samples bear out, and told
with its bars. What follows from a change before it (the mix from a stem) is not told twice.
"""

from stemwright.comparison.result import Change, Comparison, Kind, Status, TrackComparison, Where
from stemwright.comparison.sides import Role, Side, Track
from stemwright.comparison.songs import compare

__all__ = [
    "Change",
    "Comparison",
    "Kind",
    "Role",
    "Side",
    "Status",
    "Track",
    "TrackComparison",
    "Where",
    "compare",
]
