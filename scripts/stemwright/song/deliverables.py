"""What is delivered: the deliveries of a song with the keys of their profiles, and the name of each of their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from stemwright.delivery import naming, profiles
from stemwright.song.checks import delivered_parts
from stemwright.song.delivery import FileNames, Files, FurtherDelivery
from stemwright.song.delivery_format import format_mistakes
from stemwright.song.metadata import parse_date
from stemwright.song.model import Song
from stemwright.validation.merged import merge
from stemwright.validation.names import describe_repeat, fold
from stemwright.validation.problems import did_you_mean
from stemwright.validation.templates import file_name

MAIN_DELIVERY = ""
"""The name of the delivery that every song has, `delivery`."""

_BITS = {"PCM_16": "16", "PCM_24": "24", "PCM_32": "32", "FLOAT": "32f", "FLOAT_24": "24"}


@dataclass(frozen=True)
class Deliverable:
    """A delivered file.

    Attributes
    ----------
    role : str
        `master`, `mix` or `stem`.
    stem : str
        The stem or bus; empty for the others.
    file : str
        The name of the file.
    delivery : str
        The delivery that it is of; empty for `delivery`.
    version : str
        The version of the song; empty for the song itself.
    side : str
        L or R if each channel is a file of its own, else empty.
    """

    role: Literal["master", "mix", "stem"]
    stem: str
    file: str
    delivery: str = MAIN_DELIVERY
    version: str = ""
    side: str = ""

    @property
    def name(self) -> str:
        """Its path below the folder `delivery`."""
        return f"{self.delivery}/{self.file}" if self.delivery else self.file

    @property
    def title(self) -> str:
        """What it is, for people."""
        if self.version:
            return f"Version: {self.version}"
        return f"Stem: {self.stem}" if self.stem else self.role.capitalize()


def with_profiles(data: dict, own: Mapping) -> dict:
    """The data of a song in which each delivery has the keys of its profile and the names of `delivery`.

    Names that name a scheme take nothing over: `own`, the song's own data, tells that apart from the house rules.
    """
    data, delivery = dict(data), data.get("delivery")
    if isinstance(delivery, dict) and _names_a_scheme(own_names := _names(own.get("delivery"))):
        data["delivery"] = delivery = {**delivery, "names": own_names}
    deliveries = data.get("deliveries")
    if isinstance(deliveries, dict):
        names = _names(delivery)
        data["deliveries"] = {name: _profiled(name, keys, names) for name, keys in deliveries.items()}
    return data


def _profiled(name: str, keys: Any, names: dict) -> Any:
    if not isinstance(keys, dict | None):
        return keys
    keys = keys or {}
    profile = keys.get("profile") or (name if name in profiles.NAMES else "")
    merged = merge(profiles.keys(profile), keys) if profile in profiles.NAMES else dict(keys)
    if isinstance(own_names := merged.get("names", {}), dict) and not _names_a_scheme(own_names):
        merged["names"] = {**names, **own_names}
    return merged


def _names(delivery: Any) -> dict:
    names = delivery.get("names") if isinstance(delivery, dict) else None
    return names if isinstance(names, dict) else {}


def _names_a_scheme(names: dict) -> bool:
    return names.get("scheme") is not None


def all_deliveries(song: Song) -> dict[str, Files]:
    """Every delivery of a song by name, first the one that every song has."""
    return {MAIN_DELIVERY: song.delivery, **song.deliveries}


def delivery_mistakes(
    name: str, song: Song, found: dict[str, list[Deliverable]]
) -> Iterator[tuple[tuple, str]]:
    """Name the delivered files of a song, and check names and formats.

    Parameters
    ----------
    name : str
        The name of the song.
    song : Song
        The song.
    found : dict of str to list of Deliverable
        The files of each delivery, in the order of the archive, are put in by its name.

    Yields
    ------
    tuple of (tuple, str)
        Each mistake: the path of its key, and a message.
    """
    known: dict[str, str] = {}
    for key, delivery in all_deliveries(song).items():
        if fold(key) in known:
            yield ("deliveries", key), describe_repeat(known[fold(key)])
        known[fold(key)] = key
        path = ("deliveries", key) if key else ("delivery",)
        found[key] = []
        if (near := did_you_mean(key, profiles.NAMES)) and _is_misspelt(key, delivery, near):
            yield path, f"is no profile, and has no keys that say what it is{near}"
        for place, message in format_mistakes(delivery, song.session.sample_rate, song.session.channels):
            yield (*path, *place), message
        for place, message in _version_mistakes(song, delivery):
            yield (*path, *place), message
        for place, message in _name_mistakes(name, song, key, delivery, found[key]):
            yield (*path, *place), message
        if not list(_wanted(song, delivery)):
            yield (*path, "contents"), "gives no file: the song has no versions"


def _is_misspelt(key: str, delivery: Files, near: str) -> bool:
    """Whether a delivery without keys is called nearly as a profile is; `near` is what is said of the nearest."""
    is_bare = isinstance(delivery, FurtherDelivery) and delivery.model_fields_set <= {"names"}
    return is_bare and key not in profiles.NAMES and "did you mean" in near


def _version_mistakes(song: Song, delivery: Files) -> Iterator[tuple[tuple, str]]:
    chosen = (isinstance(delivery, FurtherDelivery) and delivery.versions) or ()
    if chosen and "versions" not in delivery.contents:
        yield ("versions",), "are not delivered: add versions to contents"
    for at, version in enumerate(chosen):
        if version not in song.versions:
            known = list(song.versions)
            yield ("versions", at), f"is no version of the song (is {version}){did_you_mean(version, known)}"


def _wanted(song: Song, delivery: Files) -> Iterator[tuple[str, Literal["master", "mix", "stem"], str, str]]:
    """Each file of a delivery: the key of its name, its role, its stem, and its version."""
    if "master" in delivery.contents:
        yield "master", "master", "", ""
    if "mix" in delivery.contents:
        yield "mix", "mix", "", ""
    if "versions" in delivery.contents:
        chosen = (isinstance(delivery, FurtherDelivery) and delivery.versions) or song.versions
        yield from (("version", "master", "", version) for version in chosen if version in song.versions)
    if "stems" in delivery.contents:
        yield from (("stem", "stem", part, "") for part in delivered_parts(song))


def _name_mistakes(
    name: str, song: Song, key: str, delivery: Files, files: list[Deliverable]
) -> Iterator[tuple[tuple, str]]:
    folded: dict[str, str] = {}
    wanted = product(_wanted(song, delivery), delivery.endings.items())
    for (kind, role, stem, version), (side, ending) in wanted:
        what = stem or (f"version {version}" if version else f"the {role}")
        values = _values(name, song, delivery) | {
            "stem": stem or None,
            "version": version or None,
            "type": stem or (song.versions[version].title or version if version else role.capitalize()),
        }
        try:
            file = _file_name(delivery.names, kind, ending, values)
        except ValueError as error:
            yield ("names", kind), str(error)
            continue
        if fold(file) in folded:
            yield ("names", kind), f"gives {file} to {what} and to {folded[fold(file)]}; names must differ"
        folded[fold(file)] = what
        files.append(Deliverable(role, stem, file, key, version, side))


def _file_name(names: FileNames, kind: str, ending: str, values: dict[str, str | None]) -> str:
    if names.chosen("compact"):
        values = {field: value and naming.compact(value) for field, value in values.items()}
    return file_name(names.chosen(kind), ending, values, names.chosen("ascii"))


def _values(name: str, song: Song, delivery: Files) -> dict[str, str | None]:
    """What is filled into every name of a delivery."""
    return {
        "song": name,
        "title": song.title,
        "artist": song.artist,
        "bpm": naming.short_bpm(song.bpm),
        "key": naming.short_key(song.key),
        "date": song.metadata.date and parse_date(song.metadata.date),
        "format": delivery.encoder.ending.removeprefix("."),
        "rate": naming.short_rate(delivery.sample_rate or song.session.sample_rate),
        "bits": _BITS.get(delivery.sample_format),
    }
