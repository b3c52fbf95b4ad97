"""A new song's file: written whole, checked as a song, and never in the place of another."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stemwright.base.errors import StemwrightError
from stemwright.base.files import atomic_write, naming_errors
from stemwright.base.printable import printable
from stemwright.records.paths import SONG_PAGE, SONGS, sentinel_of, song_file, song_files
from stemwright.song.catalogue import Catalogue, name_mistake
from stemwright.song.house import HouseRules, load_house
from stemwright.song.listed import is_pattern, select
from stemwright.song.load import load_song
from stemwright.starting.from_answers import from_answers, style_of, title_of
from stemwright.starting.from_recordings import folder_of, from_recordings
from stemwright.starting.list_of_songs import with_song
from stemwright.validation.names import last_part
from stemwright.validation.problems import InvalidFileError
from stemwright.validation.yaml import load_config, scalar

CONFIG = "config.yaml"
SCHEMA = Path(__file__).resolve().parents[3] / "schema" / "song.schema.json"
_SONGS = Path(SONGS)


def start_song(config: Mapping[str, Any], files: Sequence[str]) -> str:
    """Write `songs/NAME.yaml`, and add NAME to `songs` in the config file that has them.

    Parameters
    ----------
    config : mapping
        The config, with the answers.
    files : sequence of str
        The files that it was read from.

    Returns
    -------
    str
        What was done and what to do next, for a person.

    Raises
    ------
    StemwrightError, OSError
        If an answer is wrong, the song exists already, or it cannot be written. Then nothing is changed.
    """
    rules = check_answers(config, files)
    house = rules.house
    name = str(house.song)
    path = Path(song_file(name))
    target = sentinel_of(os.path.join(house.pathvars.results, name, SONG_PAGE))
    head = {
        "schema": os.path.relpath(SCHEMA, path.parent.resolve()) if SCHEMA.is_file() else "",
        "target": target,
        "title": str(house.title) or title_of(last_part(name)),
        "artist": str(house.artist),
    }
    if house.audio:
        text, told = from_recordings(rules, head)
    else:
        text, told = from_answers(house, head), []
    with _alone(_SONGS):
        _create(path, text, name, rules)
        listed = _list(name, config, files)
    return "\n".join([*told, f"{path}: written{listed}", f"to build it: snakemake --cores 4 {target}"])


def check_answers(config: Mapping[str, Any], files: Sequence[str]) -> HouseRules:
    """Check what can be told of a new song before a recording is read, or anything is written.

    Parameters
    ----------
    config, files
        As of `start_song`.

    Returns
    -------
    HouseRules
        The house rules, with the answers.

    Raises
    ------
    StemwrightError
        With all mistakes.
    """
    if not config.get("song"):
        raise StemwrightError("song: must be the name of the new song, such as night-bus (is empty)")
    rules = load_house(config, files)
    problems = []
    for key, check in (
        ("song", lambda house: _refuse_taken(str(house.song), rules.songs)),
        ("audio", folder_of) if rules.house.audio else ("style", style_of),
    ):
        try:
            check(rules.house)
        except ValueError as error:
            problems.append(rules.locate((key,), str(error)))
    if problems:
        raise InvalidFileError(problems)
    return rules


def _refuse_taken(name: str, songs: Catalogue) -> None:
    """Raise ValueError if the name is taken, or cannot be that of a song beside the others."""
    others = sorted({*songs.names, *songs.rows, *song_files()} - {name})
    if message := name_mistake(name, others):
        raise ValueError(f"{name} {message}. Choose another name")
    if name in songs.rows:
        raise ValueError(f"{name} is in {songs.rows[name].row.place} already. Choose another name")
    if os.path.lexists(song_file(name)):
        raise ValueError(_exists(name))


def _exists(name: str) -> str:
    return f"{song_file(name)} exists already, and is left as it is. Choose another name"


def _create(path: Path, text: str, name: str, rules: HouseRules) -> None:
    """Give a song's text its name, if it is a song and no file has that name. Raises StemwrightError if not."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")
    try:
        with naming_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            load_song(name, rules, str(part), rules.house.pathvars.results)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o666))  # from here on the name is ours
            os.replace(part, path)
    except InvalidFileError as error:
        raise StemwrightError(str(error).replace(str(part), str(path))) from None
    except FileExistsError:
        raise StemwrightError(_exists(name)) from None
    finally:
        part.unlink(missing_ok=True)
        if path.parent != _SONGS:
            with suppress(OSError):  # in which the song would be alone
                path.parent.rmdir()


def _list(name: str, config: Mapping[str, Any], files: Sequence[str]) -> str:
    """Add a song to `songs` in the last config file that has that key. Returns what was done, for a person."""
    line = f"add it to `songs` in {CONFIG}: - {scalar(name)}"
    try:
        if "songs" not in config and not os.path.lexists(CONFIG):
            return _first(name)
        documents = [(file, load_config(file)[0].data) for file in files]
        file, songs = next((f, data["songs"] or []) for f, data in reversed(documents) if "songs" in data)
        if name in songs:
            return ""
        if any(is_pattern(entry) and select(entry, [name]) for entry in songs):
            return f", which `songs` in {printable(file)} names already"
        # Not through a link, but where it leads; and with all bytes that are not the new line's.
        path = Path(os.path.realpath(file))
        text = path.read_bytes().decode("utf-8")
        new = with_song(text, name, file)
        if new is None:
            return f"; {line.replace(CONFIG, printable(file))}"
        with atomic_write(path) as part:
            part.write_bytes(new.encode("utf-8"))
            shutil.copymode(path, part)
    except StopIteration:
        return f"; {line}"
    except OSError as error:
        return f"; {line} (which cannot be written: {error.strerror})"
    return f", and added to `songs` in {printable(file)}"


def _first(name: str) -> str:
    """Write a config file with one song."""
    schema = os.path.relpath(SCHEMA.with_name("config.schema.json"))
    lines = [f"# yaml-language-server: $schema={schema}"] if SCHEMA.is_file() else []
    lines += [
        "# The songs to build, and what all of them start from: docs/reference.md",
        "songs:",
        f"  - {scalar(name)}",
    ]
    with open(CONFIG, "x", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
    return f", and {CONFIG} with it"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Make a folder, and wait until no other process starts a song in it. Not all network file systems have locks."""
    if os.path.lexists(folder) and not folder.is_dir():
        raise StemwrightError(f"{folder}: is no folder, but songs are to be in it: move it away")
    with naming_errors(folder):
        folder.mkdir(exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
