"""Hints in place of Snakemake's `No rule to produce …`: what was probably meant, and what is asked for instead."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import Any

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from stemwright.records.paths import ALBUMS, DATASETS, SONGS, artifact_of, homes_above
from stemwright.validation.names import last_part
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean

_NO_RULE = re.compile(r"No rule to produce (.+) \(if you use input functions")


def song_file(name: str) -> str:
    """The path of a song's file. Raises InvalidFileError, with a hint, if there is none but one that may be meant."""
    file = _file_of(SONGS, name)
    if not os.path.lexists(file) and (there := sorted(Path(SONGS).glob(f"**/{last_part(name)}.yaml"))):
        meant = there[0].relative_to(SONGS).with_suffix("")
        raise InvalidFileError([Problem(file, None, (), f"is missing; did you mean {meant}?")])
    return file


def album_file(name: str) -> str:
    """The path of an album's file. Raises InvalidFileError, with a hint, if there is none but one that may be meant."""
    return _file_of(ALBUMS, name)


def dataset_file(name: str) -> str:
    """The path of a dataset's file. Raises InvalidFileError, with a hint, if only another one is there."""
    return _file_of(DATASETS, name)


def _file_of(folder: str, name: str) -> str:
    file = f"{folder}/{name}.yaml"
    if not os.path.lexists(file):
        files = sorted(Path(file).parent.glob("*.y*ml"))
        there = {str(path.relative_to(folder).with_suffix("")): path for path in files}
        if name in there:
            hint = f": rename {there[name]}, since {folder} end in .yaml"
        elif near := get_close_matches(name, there, n=1, cutoff=0.65):
            hint = f"; did you mean {near[0]}?"
        else:
            return file
        raise InvalidFileError([Problem(file, None, (), f"is missing{hint}")])
    return file


def hint(
    target: str, results: str, archives: Mapping[str, str], names: Sequence[str], known: Sequence[str]
) -> str:
    """What to say of a target that no rule makes.

    Parameters
    ----------
    target : str
        The target, as Snakemake names it.
    results : str
        The output root.
    archives : mapping of str to str
        The sentinel of the archive of each song in `songs:`, by name.
    names : sequence of str
        Names of targets that are rules.
    known : sequence of str
        The files of all songs that one may ask for.

    Returns
    -------
    str
        A sentence with the remedy.
    """
    root, songs = results.rstrip("/") + "/", list(archives)
    below = target.removeprefix(root)
    song = _song_of(below, songs, is_built=target.startswith(root))
    if song not in songs and (file := _yaml_of(song)):
        rename = "" if file.suffix == ".yaml" else f", renamed to {last_part(song)}.yaml"
        return f"{file} exists but is not listed: add {song} to songs in config.yaml{rename}"
    if target.startswith(root):
        near = get_close_matches(song, songs, n=1, cutoff=0.65)
        if song not in songs and near:
            others = below.removeprefix(song).replace(last_part(song), last_part(near[0]))
            return f"there is no song {song}; did you mean {root}{near[0]}{others}?"
        return (
            f"there is no song {song}" + did_you_mean(song, songs)
            if song not in songs
            else _near(target, known)
        )
    if same := [file for file in known if os.path.basename(file) == os.path.basename(target)]:
        return f"did you mean {same[0]}?"
    if song in songs:
        return f"to build all of song {song}: snakemake {archives[song]}"
    if names_near := get_close_matches(target, names, n=1, cutoff=0.6):
        return f"did you mean {names_near[0]}?"
    by_name = {os.path.basename(file): file for file in reversed(known)}
    by_name |= {os.path.basename(artifact_of(file)).rpartition(".")[0]: file for file in reversed(known)}
    if near := get_close_matches(os.path.basename(target), [*by_name, *songs], n=1, cutoff=0.65):
        return f"did you mean {({**archives, **by_name})[near[0]]}?"
    return f"targets are {', '.join(names)}, or files below {root}"


def _song_of(below: str, songs: Sequence[str], is_built: bool) -> str:
    """The song that is probably meant: by the folders of a file that `is_built`, else by its name."""
    if is_built:
        places = homes_above(Path(below)) or [below]
    else:
        folder, _, file = below.removeprefix(f"{SONGS}/").rpartition("/")
        name = file.split(".")[0]
        places = [place for place in (f"{folder}/{name}".strip("/"), folder, name) if place]
    known = [place for place in places if place in songs] or [place for place in places if _yaml_of(place)]
    if known or not is_built:
        return [*known, *reversed(places), below][0]
    return max(places, key=lambda place: max((_likeness(place, song) for song in songs), default=0))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _yaml_of(song: str) -> Path | None:
    """The YAML file of a song that may not be listed, perhaps with the wrong ending."""
    files = (Path(SONGS, song + ending) for ending in (".yaml", ".yml"))
    return next(filter(Path.is_file, files), None)


def _near(target: str, known: Sequence[str]) -> str:
    near = get_close_matches(target, known, n=1, cutoff=0.65)
    return f"did you mean {near[0]}?" if near else "no song has it"


def explain_missing_rules(describe: Callable[[str], str]) -> None:
    """Have Snakemake's error about a target without a rule replaced by what `describe` says of the target."""

    def explain(record: Any) -> bool:
        if getattr(record, "event", None) == LogEvent.ERROR and (found := _NO_RULE.search(str(record.msg))):
            record.msg = f"{found[1]}: is no target: {describe(found[1])}\nNothing was built."
        return True

    logger.addFilter(explain)
