"""The house rules: reading `config.yaml`, and merging the keys of a song into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stemwright.song.catalogue import Catalogue, find_songs, of_entry
from stemwright.song.listed import SongTable
from stemwright.song.model import House
from stemwright.validation import yaml
from stemwright.validation.merged import MISSING, as_our_yaml, get, has_same, parse_text_values
from stemwright.validation.messages import describe_errors
from stemwright.validation.names import describe_repeat, fold
from stemwright.validation.problems import InvalidFileError, Problem, first

_Model = TypeVar("_Model", bound=BaseModel)

HOUSE_RULES = ("session", "gates", "delivery", "deliveries", "metadata", "annotations")
"""The keys of config.yaml that are defaults of every song; a song overrides them key by key."""

_TEMPLATE = "__use_yte__"
"""The key with which Snakemake takes a config file for a template, and runs the Python code in it (with YTE)."""

Locate = Callable[[tuple, str], Problem]
"""Makes a problem, with file and line, from the path of a key and a message."""


@dataclass(frozen=True)
class HouseRules:
    """Valid house rules: as a model, as plain data, and `locate`, which makes a problem of one of their keys.

    `songs` is the catalogue of what their key `songs` lists.
    """

    house: House
    data: dict
    locate: Locate
    songs: Catalogue

    def where_named(self, kind: str, name: str, message: str) -> Problem:
        """A problem of the key that names a song, an album or a dataset.

        Parameters
        ----------
        kind, name : str
            `song`, `album` or `dataset`, and its name.
        message : str
            What is wrong with it.
        """
        if kind == "song":
            path: tuple = ("songs", self.songs.entries[name])
        else:
            path = (f"{kind}s", getattr(self.house, f"{kind}s").index(name))
        return self.locate(path, message)


def load_house(config: Mapping, files: Sequence[str]) -> HouseRules:
    """Validate Snakemake's merged config.

    `files` are the config files that it was read from: they give the lines of problems, and the values that PyYAML
    reads otherwise than we do. Raises InvalidFileError with all problems.
    """
    read = [_read_config(file) for file in files]
    documents = [document for document, _ in read]
    data = as_our_yaml(config, [(theirs, document.data) for document, theirs in read])

    def locate(path: tuple, message: str) -> Problem:
        for document in reversed(documents):
            if has_same(document.data, path, data) and document.line(path) is not None:
                return document.problem(path, message)
        if not documents:
            return Problem("config", None, path, message)
        if get(data, path) is not MISSING:
            return Problem("--config", None, path, message)
        return documents[-1].problem(path, message)

    is_first = bool(data.get("song")) and not data.get("songs")
    if is_first:
        data["songs"] = [data["song"]]  # the first one, which is to be started
    problems: list[Problem] = []
    house = validate(House, data, locate, problems)
    if parse_text_values(data, [problem.path for problem in problems if problem.file == "--config"]):
        problems.clear()
        house = validate(House, data, locate, problems)
    songs = Catalogue()
    if house is not None:
        for key, names in (("albums", house.albums), ("datasets", house.datasets)):
            folded: dict[str, str] = {}
            for index, name in enumerate(names):
                if fold(name) in folded:
                    problems.append(locate((key, index), describe_repeat(folded[fold(name)])))
                folded[fold(name)] = name
        try:
            songs = find_songs(house.songs, _tables(documents), locate, may_be_none=bool(house.song))
        except InvalidFileError as error:
            problems += error.problems
    if problems or house is None:
        # A mistake in the name of the first song is told of `song`.
        raise InvalidFileError([each for each in problems if not (is_first and each.path[:1] == ("songs",))])
    return HouseRules(house, data, locate, songs)


def _tables(documents: Sequence[yaml.Document]) -> Iterator[tuple[SongTable, Locate]]:
    """The valid tables in `songs` of config files, also of those that another file or the command line overrides.

    With each, what makes a problem from the path of a key of it and a message.
    """
    for document in documents:
        listed = document.data.get("songs")
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            with suppress(ValidationError):
                yield SongTable.model_validate(entry), partial(of_entry, document.problem, index)


def check_config(file: str) -> None:
    """Check what Snakemake itself uses of config.yaml before any rule: the YAML syntax and `pathvars`.

    Raises InvalidFileError with all problems.
    """
    document, theirs = _read_config(file)
    problems: list[Problem] = []
    if "pathvars" in document.data:
        house = {"songs": ["any"], "pathvars": document.data["pathvars"]}
        if validate(House, house, document.problem, problems):
            problems += [
                document.problem(("pathvars", key), f"must be text: put it in quotes (is {text:.80})")
                for key, text in house["pathvars"].items()
                if not isinstance(theirs["pathvars"][key], str)
            ]
    if problems:
        raise InvalidFileError(problems)


def _read_config(file: str) -> tuple[yaml.Document, Any]:
    """A config file as we and as Snakemake read it. Raises InvalidFileError, also for code in it."""
    document, theirs = yaml.load_config(file)
    if _TEMPLATE in document.data:
        message = "is not allowed: Snakemake would run the Python code in this file. Remove it"
        raise InvalidFileError([document.problem((_TEMPLATE,), message)])
    return document, theirs


def validate(model: type[_Model], data: Mapping, locate: Locate, problems: list[Problem]) -> _Model | None:
    """Validate data with a model.

    Parameters
    ----------
    model : type of BaseModel
        The model.
    data : mapping
        What was read.
    locate : callable
        Makes a `Problem` from the path of a key and a message.
    problems : list of Problem
        Problems found are appended to it.

    Returns
    -------
    BaseModel or None
        An instance of the model; None if there are problems.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [locate(path, message) for path, message in first(describe_errors(error, model))]
        return None
