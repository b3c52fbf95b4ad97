"""Loading a dataset: its YAML is checked, alone and with its songs; all problems are reported at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Any

from stemwright.delivery import naming
from stemwright.song.checks import delivered_parts
from stemwright.song.collection import ReadCollection, read_collection
from stemwright.song.dataset import Dataset
from stemwright.song.delivery_format import format_mistakes
from stemwright.song.house import HouseRules
from stemwright.song.loaded import LoadedSong
from stemwright.validation.names import fold, parse_name
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.validation.templates import file_name

_LARGEST = 2**64
"""Of the numbers that fractions are dealt out by: the first 64 bits of a digest."""


@dataclass(frozen=True)
class DatasetTrack:
    """A song in a dataset: the name of its track, its split ("" for none), and its row of a table, if it has one."""

    id: str
    song: LoadedSong
    split: str
    row: Mapping[str, Any]

    @cached_property
    def stems(self) -> list[str]:
        """The stems and buses that are delivered."""
        return delivered_parts(self.song.document)

    def stem_id(self, stem: str) -> str:
        """The name of a stem as a track of its own in the index."""
        return f"{self.id}-{stem}"


@dataclass(frozen=True)
class LoadedDataset:
    """A valid dataset: its name, its document, and its tracks in the order of their names."""

    name: str
    document: Dataset
    tracks: tuple[DatasetTrack, ...]

    @property
    def title(self) -> str:
        """Its title, or its name."""
        return self.document.title or self.name

    @cached_property
    def by_id(self) -> dict[str, DatasetTrack]:
        """Its tracks by name."""
        return {track.id: track for track in self.tracks}

    def located(self, name: str) -> tuple[DatasetTrack, str]:
        """Find what a name such as `TRACK/STEM` is of.

        Returns
        -------
        DatasetTrack
            The track.
        str
            The rest of the name.
        """
        track, _, rest = name.partition("/")
        return self.by_id[track], rest


class ReadDataset(ReadCollection[Dataset]):
    """A dataset that is valid by itself."""

    def songs(self, known: Sequence[str]) -> list[str]:
        """The names of its songs among those that are known. Raises InvalidFileError for a pattern that names none."""
        problems, found = list[Problem](), dict[str, None]()
        for index, pattern in enumerate(self.document.songs):
            names = [name for name in known if fnmatchcase(name, pattern)]
            if not names:
                message = f"names no song of this run{did_you_mean(pattern, known)}"
                problems.append(self.locate(("songs", index), f"{pattern}: {message}"))
            found |= dict.fromkeys(names)
        if problems:
            raise InvalidFileError(problems)
        return list(found)


def read_dataset(name: str, rules: HouseRules, file: str) -> ReadDataset:
    """Read the dataset of a file by itself, with the house rules as its defaults.

    Parameters
    ----------
    name : str
        Its name.
    rules : HouseRules
        The house rules.
    file : str
        The path of its YAML file.

    Returns
    -------
    ReadDataset

    Raises
    ------
    InvalidFileError
        With all its problems.
    """
    read = read_collection(Dataset, name, rules, file, _mistakes)
    return ReadDataset(name, read.document, read.locate)


def load_dataset(
    dataset: ReadDataset, songs: Mapping[str, LoadedSong], rows: Mapping[str, Mapping[str, Any]]
) -> LoadedDataset:
    """Load a dataset with its songs.

    Parameters
    ----------
    dataset : ReadDataset
        The dataset.
    songs : mapping of str to LoadedSong
        Its songs by name.
    rows : mapping of str to mapping
        The row of the table of each song that has one: its cells by column.

    Returns
    -------
    LoadedDataset

    Raises
    ------
    InvalidFileError
        With all problems.
    """
    document, problems, tracks = dataset.document, list[Problem](), list[DatasetTrack]()
    folded: dict[str, str] = {}
    for name, song in sorted(songs.items()):
        session = song.document.session
        problems += (
            dataset.of_song(name, ("delivery", *path), message)
            for path, message in format_mistakes(document.delivery, session.sample_rate, session.channels)
        )
        try:
            split = _split(document, name, rows.get(name, {}))
            track = DatasetTrack(_track_id(document, song), song, split, rows.get(name, {}))
        except ValueError as error:
            path, message = error.args
            problems.append(dataset.of_song(name, path, message))
            continue
        ids = [track.id, *map(track.stem_id, track.stems if "stems" in document.audio else ())]
        for id in ids:
            if (other := folded.setdefault(fold(id), name)) != name:
                message = f"gives {id} to {name} and to {other}; names must differ"
                problems.append(dataset.locate(("delivery", "names", "track"), message))
        tracks.append(track)
    if not problems:
        problems += [dataset.locate(*each) for each in _empty_splits(document, tracks)]
    if problems:
        raise InvalidFileError(problems)
    return LoadedDataset(dataset.name, document, tuple(sorted(tracks, key=lambda track: track.id)))


def deal(song: str, fractions: Mapping[str, float], seed: int) -> str:
    """Deal a song to one of several splits by chance, which depends on the seed and the song's name alone.

    Parameters
    ----------
    song : str
        The name of the song.
    fractions : mapping of str to float
        The share of each split, together 1; their order is no matter.
    seed : int
        The seed.

    Returns
    -------
    str
        The name of a split.
    """
    drawn = int(hashlib.sha256(f"{seed}/{song}".encode()).hexdigest()[:16], 16)
    splits = sorted(fractions)
    bounds = accumulate(Fraction(str(fractions[split])) for split in splits)
    return next(split for split, bound in zip(splits, bounds, strict=True) if drawn < bound * _LARGEST)


def _split(document: Dataset, name: str, row: Mapping[str, Any]) -> str:
    """The split of a song. Raises ValueError with the path of a key and a message."""
    splits = document.splits
    if splits is None:
        return ""
    if splits.fractions is not None:
        return deal(name, splits.fractions, splits.seed)
    if splits.songs is not None:
        found = [
            split
            for split, patterns in splits.songs.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        ]
        if len(found) != 1:
            what = f"puts it in {' and '.join(found)}" if found else "has no split"
            raise ValueError(("splits", "songs"), f"{what}: each song must be in one")
        return found[0]
    column = splits.column or ""
    if column not in row:
        near = did_you_mean(column, list(row)) if row else ": it is no row of a table"
        raise ValueError(("splits", "column"), f"there is no column {column!r}{near}")
    try:
        return parse_name(str(row[column]))
    except ValueError as error:
        raise ValueError(("splits", "column"), f"a split {error}") from None


def _empty_splits(document: Dataset, tracks: Sequence[DatasetTrack]) -> Iterator[tuple[tuple, str]]:
    splits, dealt = document.splits, {track.split for track in tracks}
    if splits is None:
        return
    for key, remedy in (("fractions", "choose another seed, or larger shares"), ("songs", "add a song")):
        for split in getattr(splits, key) or ():
            if split not in dealt:
                yield ("splits", key, split), f"gets no song of {len(tracks)}: {remedy}"


def _track_id(document: Dataset, song: LoadedSong) -> str:
    """The name of a track. Raises ValueError with the path of a key and a message."""
    names = document.delivery.names
    values = {
        "song": song.name.replace("/", "_"),
        "title": song.document.title,
        "artist": song.document.artist,
        "bpm": naming.short_bpm(song.document.bpm),
    }
    try:
        return file_name(names.track, "", values, names.ascii)
    except ValueError as error:
        raise ValueError(("delivery", "names", "track"), str(error)) from None


def _mistakes(dataset: Dataset) -> Iterator[tuple[tuple, str]]:
    """Mistakes in a dataset that can be seen without its songs."""
    if dataset.delivery.channels == "split":
        yield ("delivery", "channels"), "must be 1 or 2: each file is one sound (is split)"
    splits = dataset.splits
    if splits is None:
        return
    given = [key for key in ("fractions", "songs", "column") if getattr(splits, key) is not None]
    if len(given) != 1:
        found = f"has {' and '.join(given)}" if given else "has none of them"
        yield ("splits",), f"must have one of fractions, songs and column ({found})"
    if splits.fractions is not None:
        total = sum(Fraction(str(share)) for share in splits.fractions.values())
        if total != 1:
            yield ("splits", "fractions"), f"must add up to 1 (is {float(total):g})"
