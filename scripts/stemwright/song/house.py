"""The house rules: reading `config.yaml`, and merging the keys of a song into them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml as pyyaml
from pydantic import BaseModel, ValidationError

from stemwright.song.model import House
from stemwright.validation import yaml
from stemwright.validation.merged import MISSING, as_our_yaml, get, has_same, parse_text_values
from stemwright.validation.messages import describe_errors
from stemwright.validation.names import fold
from stemwright.validation.problems import InvalidFileError, Problem

_Model = TypeVar("_Model", bound=BaseModel)

HOUSE_RULES = ("session", "gates", "delivery")
"""The keys of config.yaml that are defaults of every song; a song overrides them key by key."""


Locate = Callable[[tuple, str], Problem]
"""Makes a problem, with file and line, from the path of a key and a message."""


@dataclass(frozen=True)
class HouseRules:
    """Valid house rules: as a model, as plain data, and `locate`, which makes a problem of one of their keys."""

    house: House
    data: dict
    locate: Locate


def load_house(config: Mapping, files: Sequence[str]) -> HouseRules:
    """Validate Snakemake's merged config.

    `files` are the config files that it was read from: they give the lines of problems, and the values that PyYAML
    reads otherwise than we do. Raises InvalidFileError with all problems.
    """
    documents = [yaml.load(file, yaml.SNAKEMAKE_LOADER) for file in files]  # as Snakemake read them
    read = [(_as_snakemake_reads(d.file), d.data) for d in documents]
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
    house = validate(House, data, locate, problems)
    if parse_text_values(data, [problem.path for problem in problems if problem.file == "--config"]):
        problems.clear()
        house = validate(House, data, locate, problems)
    if house is not None:
        folded: dict[str, str] = {}
        for index, name in enumerate(house.songs):
            if fold(name) in folded:
                problems.append(locate(("songs", index), describe_repeat(folded[fold(name)])))
            folded[fold(name)] = name
    if problems or house is None:
        raise InvalidFileError(problems)
    return HouseRules(house, data, locate)


def _as_snakemake_reads(file: str) -> Any:
    """The data of a config file, as Snakemake reads it: as JSON if it is that, else as YAML."""
    raw = Path(file).read_bytes()
    try:
        return json.loads(raw)
    except ValueError:
        return pyyaml.safe_load(raw)


def check_config(file: str) -> None:
    """Check what Snakemake itself uses of config.yaml before any rule: the YAML syntax and `pathvars`.

    Raises InvalidFileError with all problems.
    """
    document = yaml.load(file, yaml.SNAKEMAKE_LOADER)
    problems: list[Problem] = []
    if "pathvars" in document.data:
        validate(House, {"songs": ["any"], "pathvars": document.data["pathvars"]}, document.problem, problems)
    if problems:
        raise InvalidFileError(problems)


def merge(base: Any, over: Any) -> Any:
    """Merge two values: mappings key by key, recursively; any other value of `base` is replaced by `over`."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in over.items()}}


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
        problems += [locate(path, message) for path, message in describe_errors(error, model)]
        return None


def describe_repeat(name: str) -> str:
    """The message for a name that is equal to `name` if case is ignored."""
    return f"repeats {name}: names that differ only in case are one file on many systems"
