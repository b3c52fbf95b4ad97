"""The two sides of a comparison: the sound files of a song as it was and as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from stemwright.base.hashing import sha256

Role = Literal["stem", "bus", "mix", "master", "version"]

ORDER: tuple[Role, ...] = ("stem", "bus", "mix", "master", "version")
"""Roles in the order in which sound flows: what comes later may follow from what came before."""


@dataclass(frozen=True)
class Track:
    """One sound file of a song.

    Attributes
    ----------
    role, name : str
        What it is. A mix or master is named as its role, a version as the version.
    path : str
        The file.
    sha256 : str
        Its checksum, in hexadecimal.
    before_effects : str
        The checksum of a stem before its effects, where it is known: it tells another source from other effects.
    made_of : sequence of str, optional
        The names of the stems and buses that come into a bus, where they are known: its changes may follow from theirs.
    """

    role: Role
    name: str
    path: str
    sha256: str
    before_effects: str = ""
    made_of: Sequence[str] | None = None

    @classmethod
    def of_file(cls, role: Role, name: str, path: str) -> Track:
        """The track of a file, whose checksum is computed.

        Parameters
        ----------
        role, name, path
            As of `Track`.

        Returns
        -------
        Track
        """
        return cls(role, name, path, sha256(path))


@dataclass(frozen=True)
class Side:
    """A song at one of the two times.

    Attributes
    ----------
    tracks : sequence of Track
        Its files. Role and name together are unique.
    timeline : mapping, optional
        The content of `timeline.json`.
    """

    tracks: Sequence[Track]
    timeline: Mapping[str, Any] | None = None
