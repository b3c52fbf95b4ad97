"""Reading what a user wrote: the house rules and songs, with everything that is wrong in one go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml as pyyaml
from pydantic import BaseModel, ValidationError

from stemwright.audio import inspect
from stemwright.audio.stream import resampled_frames
from stemwright.base.errors import StemwrightError
from stemwright.mixing.faders import pan_problem
from stemwright.music.harmony.chart import read_chart
from stemwright.music.harmony.scale import transpose_key
from stemwright.music.harmony.section import Harmony
from stemwright.music.render_context import RenderContext
from stemwright.music.timeline import (
    TempoChange,
    TempoMap,
    Timeline,
    TimelineError,
    parse_bpm,
    parse_duration,
    parse_time_signature,
)
from stemwright.music.timeline.timeline import REMAINDER
from stemwright.song.model import Change, House, Song, Stem, plain
from stemwright.validation import yaml
from stemwright.validation.merged import MISSING, as_our_yaml, get, has_same, parse_text_values
from stemwright.validation.messages import describe_errors
from stemwright.validation.names import fold
from stemwright.validation.problems import InvalidFileError, Problem, did_you_mean
from stemwright.validation.templates import file_name

HOUSE_RULES = ("session", "gates", "delivery")
"""The keys of config.yaml that a song starts from, and may override key by key."""

_INDEPENDENT_KEYS = ("key", "gates", "delivery", "master")
"""The keys of a song that no other key's being right hangs on."""

_LONGEST_HOURS = 24

Locate = Callable[[tuple, str], Problem]


@dataclass(frozen=True)
class HouseRules:
    """Valid house rules: as models, as plain data, and how to name the place of one of their keys."""

    house: House
    data: dict
    locate: Locate


@dataclass(frozen=True)
class LoadedSong:
    """A valid song: `spec` has the house rules merged in, `files` the delivered names by stem (None: master).

    `harmony` is that of each span of the timeline, `instruments` those that each stem plays, as the song names them.
    """

    name: str
    spec: Song
    timeline: Timeline
    harmony: list[Harmony]
    files: dict[str | None, str]
    instruments: dict[str, list[str]]

    def delivered(self, stem: str) -> bool:
        return stem in self.files


def load_house(config: Mapping, files: Sequence[str]) -> HouseRules:
    """House rules from Snakemake's merged config. `files` are those it was read from, for words and lines."""
    documents = [yaml.load(file) for file in files]
    read = [(pyyaml.safe_load(Path(d.file).read_bytes()), d.data) for d in documents]
    data = as_our_yaml(config, read)

    def locate(path: tuple, message: str) -> Problem:
        for document in reversed(documents):
            if has_same(document.data, path, data) and document.line(path) is not None:
                return document.problem(path, message)
        if not documents:
            return Problem("config", None, path, message)
        if get(data, path) is not MISSING:
            return Problem("--config", None, path, message)
        return documents[-1].problem(path, message)

    problems: list[Problem] = []
    house = _validated(House, data, locate, problems)
    if parse_text_values(data, [problem.path for problem in problems if problem.file == "--config"]):
        problems.clear()
        house = _validated(House, data, locate, problems)
    if house is not None:
        folded: dict[str, str] = {}
        for index, name in enumerate(house.songs):
            if fold(name) in folded:
                problems.append(locate(("songs", index), _again(folded[fold(name)])))
            folded[fold(name)] = name
    if problems:
        raise InvalidFileError(problems)
    return HouseRules(house, data, locate)


def check_config(file: str) -> None:
    """What Snakemake would stumble over in config.yaml before we are asked: its YAML, and `pathvars`."""
    document = yaml.load(file, yaml.SNAKEMAKE_LOADER)
    problems: list[Problem] = []
    if "pathvars" in document.data:
        _validated(
            House, {"songs": ["any"], "pathvars": document.data["pathvars"]}, document.problem, problems
        )
    if problems:
        raise InvalidFileError(problems)


def load_song(
    name: str,
    rules: HouseRules,
    file: str,
    results: str = "build",
    has_producer: Callable[[str], bool] = lambda path: False,
) -> LoadedSong:
    """A song, held against itself, the house rules and the files it names. A SpecError says all mistakes.

    `results` is the output root, in which no input may be. `is_made` says whether a rule makes an input: such a one
    need not be there yet, and nothing is read in it.
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
    spec = _validated(Song, data, locate, problems)
    if spec is None:  # what is wrong with the rest is told as well
        spec = _validated(Song, _without(data, [problem.path for problem in problems]), locate, [])
    if spec is None:
        raise InvalidFileError(problems)
    problems += [locate(path, message) for path, message in _files(spec, results, has_producer)]
    timeline = None
    try:
        if spec.length != "reference" or all(problem.path != ("reference", "file") for problem in problems):
            timeline = _timeline(spec, has_producer)
    except TimelineError as error:
        problems.append(locate(error.path, str(error)))
    names: dict[str | None, str] = {}
    problems += [locate(path, message) for path, message in _names(name, spec, names)]
    harmony: list[Harmony] = []
    charts = [locate(path, message) for path, message in _harmony(spec, timeline, harmony)]
    problems += charts
    # What plays a chart that is wrong would be wrong for that.
    problems += [
        locate(path, message) for path, message in _stems(spec, None if charts else timeline, harmony)
    ]
    if problems:
        raise InvalidFileError(problems)
    instruments = {stem: _instruments(keys["source"]) for stem, keys in document.data["stems"].items()}
    return LoadedSong(name, spec, timeline, harmony, names, instruments)


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


def merge(base: object, over: object) -> object:
    """`over` upon `base`, key by key; anything but two mappings is replaced."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in over.items()}}


def _validated(model: type[BaseModel], data: Mapping, locate: Locate, problems: list[Problem]):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [locate(path, message) for path, message in describe_errors(error, model)]
        return None


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


def _timeline(spec: Song, has_producer: Callable[[str], bool]) -> Timeline:
    tempo = _tempo(spec)
    length = None
    if spec.length == "reference":
        if spec.reference is None:
            raise TimelineError(("length",), "takes the reference's length, but the song has no reference")
        path = os.path.expanduser(spec.reference.file)
        if has_producer(path):
            raise TimelineError(
                ("length",), f"must be given: the reference {path} is made by a rule, later than this is read"
            )
        try:
            source = inspect(path)
        except StemwrightError as error:
            raise TimelineError(("reference", "file"), str(error)) from None
        if source.frames is None or not source.sample_rate:
            raise TimelineError(
                ("length",), f"{spec.reference.file} ({source.format}) does not declare its length: give one"
            )
        length = resampled_frames(source.frames, source.sample_rate, spec.session.sample_rate)
    elif spec.length is not None:
        length = parse_duration(spec.length)
    elif not spec.sections:
        raise TimelineError(("length",), "is required where there are no sections")
    sections = []
    for entry in spec.sections:
        ((name, section),) = entry.items()
        span = section.length if section.length == REMAINDER else parse_duration(section.length)
        sections.append((name, span, section.key))
    timeline = Timeline.build(spec.session.sample_rate, tempo, length, sections)
    if timeline.frames > _LONGEST_HOURS * 3600 * timeline.rate:
        hours = timeline.frames / timeline.rate / 3600
        raise TimelineError(
            ("length",), f"the song is {hours:,.0f} hours long; at most {_LONGEST_HOURS} are built"
        )
    return timeline


def _tempo(spec: Song) -> TempoMap:
    bpm, meter = parse_bpm(spec.bpm), parse_time_signature(spec.meter)
    changes = [TempoChange(1, bpm, meter)]
    for index, change in enumerate(spec.changes):
        if change.bpm is None and change.meter is None:
            raise TimelineError(("changes", index), "must change bpm or meter")
        if change.bar <= changes[-1].bar:
            raise TimelineError(
                ("changes", index, "bar"), f"must come after bar {changes[-1].bar} (is {change.bar})"
            )
        bpm = _or(change, "bpm", bpm)
        meter = _or(change, "meter", meter)
        changes.append(TempoChange(change.bar, bpm, meter))
    return TempoMap(changes)


def _or(change: Change, key: str, otherwise):
    value = getattr(change, key)
    return otherwise if value is None else {"bpm": parse_bpm, "meter": parse_time_signature}[key](value)


def _files(spec: Song, results: str, has_producer: Callable[[str], bool]) -> Iterator[tuple[tuple, str]]:
    named = [(("reference", "file"), spec.reference.file)] if spec.reference else []
    for name, stem in spec.stems.items():
        kind, source = _kind(stem)
        named += [(("stems", name, "source", kind, *where), path) for where, path in source.input_files()]
    for where, path in named:
        full = os.path.expanduser(path)
        if "\0" not in full and Path(os.path.realpath(results)) in Path(os.path.realpath(full)).parents:
            yield (
                where,
                f"must not be in {results}/, where only what is built belongs: copy it elsewhere (is {path!r})",
            )
        elif has_producer(full):
            pass
        elif "\0" in full or not os.path.exists(full):
            yield where, f"there is no such file (is {path!r}, from the working directory)"
        elif os.path.isdir(full):
            yield where, f"must be a file, not a folder (is {path!r})"
        elif not os.path.isfile(full):
            yield where, f"must be a regular file (is {path!r})"


def _names(name: str, spec: Song, names: dict[str | None, str]) -> Iterator[tuple[tuple, str]]:
    ending = ".flac" if spec.delivery.container == "FLAC" else ".wav"
    if spec.delivery.container == "FLAC" and spec.delivery.subtype.startswith("FLOAT"):
        yield ("delivery", "subtype"), f"must be PCM_16 or PCM_24 for FLAC (is {spec.delivery.subtype})"
    values = {
        "song": name,
        "title": spec.title,
        "artist": spec.artist,
        "bpm": str(spec.bpm).replace("/", "-"),
    }
    folded: dict[str, str] = {}
    wanted = [None, *(s for s, stem in sorted(spec.stems.items()) if _is_delivered(stem))]
    for stem in wanted:
        role = "master" if stem is None else "stem"
        path = ("delivery", "names", role)
        try:
            file = file_name(getattr(spec.delivery.names, role), ending, {**values, "stem": stem})
        except ValueError as error:
            yield path, str(error)
            continue
        if fold(file) in folded:
            both = f"{stem or 'the master'} and to {folded[fold(file)]}"
            yield path, f"gives {file} to {both}; each needs its own name"
        folded[fold(file)] = stem or "the master"
        names[stem] = file


def _harmony(spec: Song, timeline: Timeline | None, harmony: list[Harmony]) -> Iterator[tuple[tuple, str]]:
    """Fills in the harmony of each span of the timeline, and says what is wrong with it."""
    if timeline is not None and not timeline.sections:
        harmony.append(Harmony(spec.key))
    for index, span in enumerate(timeline.sections if timeline else ()):
        section, chords, mistakes = spec.sections[index][span.name], (), []
        key = section.key or spec.key
        if section.chords is not None:
            chords = read_chart(section.chords, span, timeline.tempo, key, section.transpose, mistakes.append)
        yield from ((("sections", index, span.name, "chords"), message) for message in mistakes)
        harmony.append(Harmony(key and transpose_key(key, section.transpose), chords))


def _stems(spec: Song, timeline: Timeline | None, harmony: list[Harmony]) -> Iterator[tuple[tuple, str]]:
    """What is wrong with each stem; without a timeline, as far as can be told."""
    have = dict.fromkeys(name for entry in spec.sections for name in entry)
    channels = spec.session.channels
    facts = [part.to_dict(("key", "chords")) for part in harmony]
    context = timeline and RenderContext(
        timeline.rate, channels, timeline.frames, timeline=timeline, harmony=facts
    )
    folded: dict[str, str] = {}
    for name, stem in spec.stems.items():
        here = ("stems", name)
        if fold(name) in folded:
            yield here, _again(folded[fold(name)])
        folded[fold(name)] = name
        kind, source = _kind(stem)
        limited = [(("sections", i), n) for i, n in enumerate(stem.sections or [])]
        for where, section in [*limited, *((("source", kind, *p), n) for p, n in source.sections())]:
            if section not in have:
                yield (*here, *where), f"there is no section {section!r}" + did_you_mean(section, list(have))
        if problem := pan_problem(stem.pan, channels):
            yield (*here, "pan"), problem
        if source.needs_reference and spec.reference is None:
            yield (*here, "source", kind), "needs a reference, and the song has none"
        yield from _checked(source, context, (*here, "source", kind))
        for index, entry in enumerate(stem.effects):
            ((effect, _),) = plain(entry).items()
            yield from _checked(getattr(entry, effect), context, (*here, "effects", index, effect))
    for index, entry in enumerate(spec.master.effects):
        ((effect, _),) = plain(entry).items()
        yield from _checked(getattr(entry, effect), context, ("master", "effects", index, effect))


def _checked(thing, context: RenderContext | None, path: tuple) -> Iterator[tuple[tuple, str]]:
    """What is wrong with a source or an effect in the song it is used in."""
    if context is not None:
        yield from (((*path, *where), message) for where, message in thing.problems(context))


def _kind(stem: Stem):
    (kind,) = stem.source.model_fields_set
    return kind, getattr(stem.source, kind)


def _is_delivered(stem: Stem) -> bool:
    return not _kind(stem)[1].needs_reference if stem.deliver is None else stem.deliver


def _again(name: str) -> str:
    return f"is {name} again: names that differ only in case are one file on many systems"
