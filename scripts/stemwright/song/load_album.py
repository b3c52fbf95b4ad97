"""Loading an album: its YAML is checked, alone and with its songs; all problems are reported at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from stemwright.audio.disc import DiscTrack, Source, disc_frames, layout
from stemwright.delivery import naming
from stemwright.delivery.cue_sheet import CueSheet, CueTrack
from stemwright.records.paths import song_files
from stemwright.song.album import Album, AlbumTrack
from stemwright.song.collection import ReadCollection, read_collection
from stemwright.song.delivery_format import format_mistakes
from stemwright.song.house import HouseRules
from stemwright.song.loaded import LoadedSong
from stemwright.song.metadata import parse_isrc, parse_upc
from stemwright.sources._clip import seconds
from stemwright.validation.names import fold, last_part
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.validation.templates import file_name


class ReadAlbum(ReadCollection[Album]):
    """An album that is valid by itself."""

    @property
    def songs(self) -> list[str]:
        """The names of its songs, in order."""
        return [name for entry in self.document.songs for name in entry]


@dataclass(frozen=True)
class LoadedTrack:
    """A song on an album, as it is called there: its number from 1, texts ("" for none), the name of its file."""

    number: int
    song: LoadedSong
    title: str
    artist: str
    isrc: str
    file: str


@dataclass(frozen=True)
class LoadedAlbum:
    """A valid album: its name, its document, and its tracks in order."""

    name: str
    document: Album
    tracks: tuple[LoadedTrack, ...]

    @property
    def title(self) -> str:
        """Its title, or its name."""
        return self.document.title or self.name

    @property
    def upc(self) -> str:
        """Its EAN of 13 digits, or ""."""
        return parse_upc(self.document.upc).zfill(13) if self.document.upc else ""

    @property
    def target(self) -> dict:
        """The loudness of its loudest song, as plain data; empty if there is no target."""
        return self.document.target.limits() if self.document.target else {}

    @cached_property
    def files(self) -> dict[str, LoadedTrack]:
        """Its tracks by the names of their files, in order."""
        return {track.file: track for track in self.tracks}

    @cached_property
    def sources(self) -> list[Source]:
        """What becomes the tracks of its disc."""
        gaps = (seconds(keys.gap or self.document.gap) for _, keys in _entries(self.document))
        lines = (track.song.timeline for track in self.tracks)
        return [Source(line.rate, line.frames, gap) for line, gap in zip(lines, gaps, strict=True)]

    @cached_property
    def disc(self) -> list[DiscTrack]:
        """Where its tracks are on its disc."""
        return layout(self.sources)

    @property
    def disc_frames(self) -> int:
        """The length of its disc in frames."""
        return disc_frames(self.disc)

    @property
    def cue(self) -> CueSheet:
        """The cue sheet of its disc."""
        tracks = (
            CueTrack(track.title, track.artist, track.isrc, placed.mark, placed.pause)
            for track, placed in zip(self.tracks, self.disc, strict=True)
        )
        return CueSheet(f"{self.name}.wav", self.title, self.document.artist or "", self.upc, tuple(tracks))


def read_album(name: str, rules: HouseRules, file: str) -> ReadAlbum:
    """Read the album of a file by itself, with the house rules as its defaults.

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
    ReadAlbum

    Raises
    ------
    InvalidFileError
        With all its problems.
    """
    read = read_collection(Album, name, rules, file, _mistakes)
    return ReadAlbum(name, read.document, read.locate)


def check_songs(album: ReadAlbum, known: Collection[str]) -> None:
    """Raise InvalidFileError for songs of an album that are not `known`."""
    unknown = [
        album.locate(("songs", index), f"there is no song {name!r}{_meant(name, known)}")
        for index, name in enumerate(album.songs)
        if name not in known
    ]
    if unknown:
        raise InvalidFileError(unknown)


def _meant(name: str, known: Collection[str]) -> str:
    """The song that is probably meant, be it in this run or not."""
    there = list(dict.fromkeys([*known, *song_files()]))
    of_this_name = [song for song in there if last_part(song) == last_part(name)]
    return f"; did you mean {of_this_name[0]}?" if of_this_name else did_you_mean(name, there)


def load_album(album: ReadAlbum, songs: Mapping[str, LoadedSong]) -> LoadedAlbum:
    """Load an album with its songs, by name. Raises InvalidFileError with all problems."""
    document, problems, tracks = album.document, list[Problem](), list[LoadedTrack]()
    folded = {fold(f"{album.name}{ending}"): "the disc" for ending in (".wav", ".cue")}
    for number, (name, keys) in enumerate(_entries(document), 1):
        song = songs[name]
        track = _track(album, number, song, keys, problems)
        session = song.document.session
        problems += (
            album.of_song(name, ("delivery", *path), message)
            for path, message in format_mistakes(document.delivery, session.sample_rate, session.channels)
        )
        if (other := folded.setdefault(fold(track.file), name)) != name:
            message = f"gives {track.file} to {name} and to {other}; names must differ"
            problems.append(album.locate(("delivery", "names", "track"), message))
        tracks.append(track)
    loaded = LoadedAlbum(album.name, document, tuple(tracks))
    for index, (before, after) in enumerate(pairwise(loaded.disc)):
        if before.mark == after.mark:
            message = (
                f"{tracks[index].song.name} is shorter than a sector of a disc (1/75 s): no track can be"
            )
            problems.append(album.locate(("songs", index), message))
    if problems:
        raise InvalidFileError(problems)
    return loaded


def _track(
    album: ReadAlbum, number: int, song: LoadedSong, keys: AlbumTrack, problems: list[Problem]
) -> LoadedTrack:
    document, names = album.document, album.document.delivery.names
    title = keys.title or song.document.title or song.short_name
    artist = keys.artist or song.document.artist or document.artist or ""
    isrc = keys.isrc or song.document.metadata.isrc
    values = {
        "song": song.short_name,
        "title": title,
        "artist": artist,
        "album": document.title or album.name,
        "number": f"{number:02d}",
        "bpm": naming.short_bpm(song.document.bpm),
    }
    try:
        file = file_name(names.track, document.delivery.encoder.ending, values, names.ascii)
    except ValueError as error:
        problems.append(album.of_song(song.name, ("delivery", "names", "track"), str(error)))
        file = f"{number:02d}"
    return LoadedTrack(number, song, title, artist, parse_isrc(isrc) if isrc else "", file)


def _mistakes(album: Album) -> Iterator[tuple[tuple, str]]:
    """Mistakes in an album that can be seen without its songs."""
    if album.delivery.channels == "split":
        yield ("delivery", "channels"), "must be 1 or 2: each song is one file (is split)"
    if album.target and "integrated_lufs" not in album.target.limits():
        yield ("target",), f"{album.target.preset} is a level of RMS: an album needs a loudness"
    seen: dict[str, int] = {}
    for index, (song, keys) in enumerate(_entries(album)):
        if fold(song) in seen:
            yield ("songs", index), f"repeats {song}: a song can be on an album once"
        seen[fold(song)] = index
        if not index and keys.gap is not None:
            yield ("songs", 0, song, "gap"), "the first song begins the album: leave gap out"


def _entries(album: Album) -> Iterator[tuple[str, AlbumTrack]]:
    for entry in album.songs:
        yield from entry.items()
