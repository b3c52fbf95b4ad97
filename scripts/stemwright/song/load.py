"""Loading a song: its YAML is merged into the house rules and checked; all problems are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stemwright.effects import Effect
from stemwright.music.harmony.section import Harmony
from stemwright.music.timeline import TimelineError
from stemwright.song.checks import (
    components,
    file_mistakes,
    harmony_mistakes,
    lacking,
    metadata_mistakes,
    stem_mistakes,
    timeline_of,
)
from stemwright.song.deliverables import MAIN_DELIVERY, Deliverable, delivery_mistakes, with_profiles
from stemwright.song.doubts import doubts
from stemwright.song.handoff import handoff_mistakes
from stemwright.song.house import HOUSE_RULES, HouseRules, validate
from stemwright.song.loaded import LoadedSong
from stemwright.song.model import Song
from stemwright.song.reference import reference_mistakes
from stemwright.song.routing import Routing, strips
from stemwright.song.routing_checks import fader_mistakes, routing_mistakes
from stemwright.song.seconds import check_seconds
from stemwright.song.shorthand import parse_solo
from stemwright.song.swing import with_swing
from stemwright.song.template import SongRow
from stemwright.song.version_checks import version_mistakes
from stemwright.song.without_tempo import tempo_mistakes
from stemwright.validation import yaml
from stemwright.validation.merged import has_same, merge
from stemwright.validation.names import last_part
from stemwright.validation.problems import InvalidFileError, Problem, first

_INDEPENDENT_KEYS = ("key", "gates", "delivery", "deliveries", "metadata", "master", "compare", "versions")
"""Keys of a song that no other key needs to be validate."""

_FADER_KEYS = ("gain_db", "pan", "mute")
"""Keys of a stem or bus that nothing else in a song needs to be valid."""

_ANY_KEY = "C major"
"""Stands in for a musical key that has a mistake: else what is played in it would be said to have none."""


def load_song(
    name: str,
    rules: HouseRules,
    file: str,
    results: str = "build",
    has_producer: Callable[[str], bool] = lambda path: False,
    row: SongRow | None = None,
) -> LoadedSong:
    """Load a song and check it as a whole, with the house rules and the files that it names.

    Parameters
    ----------
    name : str
        The name of the song.
    rules : HouseRules
        The house rules, which it may override.
    file : str
        The path of its YAML file, or of the template of its row.
    results : str
        The output root; no input may be in it.
    has_producer : callable
        Tells whether a rule makes the file of a path. Such an input may be missing yet, and is not read.
    row : SongRow, optional
        The row of a table that is put into a template. It is all that a song of a table has besides the template.

    Returns
    -------
    LoadedSong

    Raises
    ------
    InvalidFileError
        With all problems of the song.
    """
    document = row.read() if row else yaml.load(file)
    data = dict(document.data)
    for key in HOUSE_RULES:
        if key in rules.data:
            data[key] = merge(rules.data[key], data[key]) if key in data else rules.data[key]
    data = with_profiles(with_swing(data), document.data)

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
    song = validate(Song, data, locate, problems)
    is_whole = all(_is_of_fader(problem.path) for problem in problems)
    if song is None:  # report the problems of the valid rest as well
        song = validate(Song, _without(data, [problem.path for problem in problems]), locate, [])
    if song is None:
        raise InvalidFileError(problems)

    def report(mistakes: Iterator[tuple[tuple, str]]) -> bool:
        found = [locate(path, message) for path, message in first(mistakes)]
        problems.extend(found)
        return bool(found)

    report(file_mistakes(song, results, has_producer))
    timeline = None
    try:
        if song.length != "reference" or all(problem.path != ("reference", "file") for problem in problems):
            laid_out = timeline_of(song, has_producer)
            check_seconds(song, laid_out)
            timeline = laid_out
    except TimelineError as error:
        problems.append(locate(error.path, str(error)))
    report(reference_mistakes(song, timeline, has_producer))
    report(tempo_mistakes(song))
    report(metadata_mistakes(song))
    deliveries: dict[str, list[Deliverable]] = {}
    report(delivery_mistakes(last_part(name), song, deliveries))
    report(handoff_mistakes(last_part(name), song, deliveries.get(MAIN_DELIVERY, ())))
    harmony: list[Harmony] = []
    are_charts_wrong = report(harmony_mistakes(song, timeline, harmony))
    # Stems are not checked with a chart that has mistakes.
    report(stem_mistakes(song, None if are_charts_wrong else timeline, harmony, has_producer))
    routing = Routing(song, timeline) if timeline else None
    are_faders_wrong = report(fader_mistakes(song, routing.context if routing else None))
    if is_whole:  # without the stems that have mistakes, what is routed to them would be mistaken too
        effects = {place: each for place, each in components(song) if isinstance(each, Effect)}
        if not report(routing_mistakes(song, effects)):
            report(version_mistakes(song, timeline, None if are_faders_wrong else routing))
    if problems or timeline is None:
        raise InvalidFileError(problems)
    doubtful = [locate(path, message) for path, message in first(doubts(song, timeline, harmony))]
    if song.strict and doubtful:
        raise InvalidFileError(doubtful)
    instruments = {stem: _instruments(keys["source"]) for stem, keys in document.data["stems"].items()}
    solo = [each for each in parse_solo(rules.house.solo) if each in strips(song)]
    commit = rules.house.commit
    lacks = [locate(path, message) for path, message in lacking(song)]
    return LoadedSong(
        name, song, timeline, harmony, deliveries, instruments, solo, doubtful, lacks=lacks, commit=commit
    )


def _instruments(source: dict) -> list[str]:
    """The instruments of a valid source as it is written. A preset is named: a job gets only the keys of a preset."""
    ((kind, keys),) = source.items()
    if kind == "stack":
        layers = [layer["source"] for _, layer in sorted(keys["layers"].items())]
        return list(dict.fromkeys(name for layer in layers for name in _instruments(layer)))
    if kind == "play":
        ((kind, keys),) = keys["instrument"].items()
        return [keys["name"] if kind == "preset" else kind]
    return [kind]


def _without(data: dict, paths: Sequence[tuple]) -> dict:
    """The data of a song without the independent keys, the faders, and the stems and buses, that have mistakes."""
    if ("key",) in paths:
        data, paths = {**data, "key": _ANY_KEY}, [path for path in paths if path != ("key",)]
    wrong_keys = {path[0] for path in paths if path}
    rest = {
        key: value for key, value in data.items() if key not in wrong_keys.intersection(_INDEPENDENT_KEYS)
    }
    faders = {path[:3] for path in paths if _is_of_fader(path)}
    for kind in ("stems", "buses"):
        if isinstance(rest.get(kind), dict):
            wrong = {
                path[1] for path in paths if path[0] == kind and len(path) > 1 and path[:3] not in faders
            }
            rest[kind] = {
                name: {key: value for key, value in keys.items() if (kind, name, key) not in faders}
                if isinstance(keys, dict)
                else keys
                for name, keys in rest[kind].items()
                if name not in wrong
            }
    return rest


def _is_of_fader(path: tuple) -> bool:
    return len(path) > 2 and path[0] in ("stems", "buses") and path[2] in _FADER_KEYS
