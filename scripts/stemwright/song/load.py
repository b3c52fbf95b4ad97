"""Loading a song: its YAML, laid over the house rules, with everything that is wrong in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stemwright.music.harmony.section import Harmony
from stemwright.music.timeline import TimelineError
from stemwright.song.checks import (
    file_mistakes,
    harmony_mistakes,
    name_mistakes,
    stem_mistakes,
    timeline_of,
)
from stemwright.song.house import HOUSE_RULES, HouseRules, merge, validated
from stemwright.song.loaded import Deliverable, LoadedSong
from stemwright.song.model import Song
from stemwright.validation import yaml
from stemwright.validation.merged import has_same
from stemwright.validation.problems import InvalidFileError, Problem

_INDEPENDENT_KEYS = ("key", "gates", "delivery", "master")
"""The keys of a song on which no other key depends to be valid."""


def load_song(
    name: str,
    rules: HouseRules,
    file: str,
    results: str = "build",
    has_producer: Callable[[str], bool] = lambda path: False,
) -> LoadedSong:
    """A song, checked as a whole with the house rules and the files that it names.

    Parameters
    ----------
    name : str
        Its name.
    rules : HouseRules
        What it starts from.
    file : str
        Its YAML file.
    results : str
        The output root, in which no input may be.
    has_producer : callable
        Whether a rule makes an input: such a file need not be there yet, and nothing is read in it.

    Returns
    -------
    LoadedSong

    Raises
    ------
    InvalidFileError
        With all that is wrong.
    """
    document = yaml.load(file)
    data = dict(document.data)
    for key in HOUSE_RULES:
        if key in rules.data and isinstance(data.get(key, {}), dict):
            data[key] = merge(rules.data[key], data.get(key, {}))

    def locate(path: tuple, message: str) -> Problem:
        if (
            path[:1]
            and path[0] in HOUSE_RULES
            and path not in document.lines
            and has_same(rules.data, path, data)
        ):
            return rules.locate(path, f"{message} (in {file})")
        return document.problem(path, message)

    problems: list[Problem] = []
    song = validated(Song, data, locate, problems)
    if song is None:  # what is wrong with the rest is reported as well
        song = validated(Song, _without(data, [problem.path for problem in problems]), locate, [])
    if song is None:
        raise InvalidFileError(problems)
    problems += [locate(path, message) for path, message in file_mistakes(song, results, has_producer)]
    timeline = None
    try:
        if song.length != "reference" or all(problem.path != ("reference", "file") for problem in problems):
            timeline = timeline_of(song, has_producer)
    except TimelineError as error:
        problems.append(locate(error.path, str(error)))
    deliverables: list[Deliverable] = []
    problems += [locate(path, message) for path, message in name_mistakes(name, song, deliverables)]
    harmony: list[Harmony] = []
    charts = [locate(path, message) for path, message in harmony_mistakes(song, timeline, harmony)]
    problems += charts
    # Stems are not checked against a chart that is wrong.
    problems += [
        locate(path, message) for path, message in stem_mistakes(song, None if charts else timeline, harmony)
    ]
    if problems or timeline is None:
        raise InvalidFileError(problems)
    instruments = {stem: _instruments(keys["source"]) for stem, keys in document.data["stems"].items()}
    return LoadedSong(name, song, timeline, harmony, deliverables, instruments)


def _instruments(source: dict) -> list[str]:
    """The instruments of a valid source as it is written: a preset by its name, for a job is not told that."""
    ((kind, keys),) = source.items()
    if kind == "stack":
        layers = [layer["source"] for _, layer in sorted(keys["layers"].items())]
        return list(dict.fromkeys(name for layer in layers for name in _instruments(layer)))
    if kind == "play":
        ((kind, keys),) = keys["instrument"].items()
        return [keys["name"] if kind == "preset" else kind]
    return [kind]


def _without(data: dict, paths: Sequence[tuple]) -> dict:
    """A song's data without the stems, and the keys that stand on their own, in which there are mistakes."""
    stems = data.get("stems")
    wrong = {path[1] for path in paths if path[0] == "stems" and len(path) > 1}
    rest = {
        key: value
        for key, value in data.items()
        if not (key in _INDEPENDENT_KEYS and key in (p[0] for p in paths))
    }
    return (
        {**rest, "stems": {n: s for n, s in stems.items() if n not in wrong}}
        if isinstance(stems, dict)
        else rest
    )
