"""The house rules: reading `config.yaml`, and laying a song's keys over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml as pyyaml
from pydantic import BaseModel, ValidationError

from stemwright.song.model import House
from stemwright.validation import yaml
from stemwright.validation.merged import MISSING, as_our_yaml, get, has_same, parse_text_values
from stemwright.validation.messages import describe_errors
from stemwright.validation.names import fold
from stemwright.validation.problems import InvalidFileError, Problem

HOUSE_RULES = ("session", "gates", "delivery")
"""The keys of config.yaml that a song starts from, and may override key by key."""

Locate = Callable[[tuple, str], Problem]


@dataclass(frozen=True)
class HouseRules:
    """Valid house rules: as models, as plain data, and how to name the place of one of their keys."""

    house: House
    data: dict
    locate: Locate


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
    house = validated(House, data, locate, problems)
    if parse_text_values(data, [problem.path for problem in problems if problem.file == "--config"]):
        problems.clear()
        house = validated(House, data, locate, problems)
    if house is not None:
        folded: dict[str, str] = {}
        for index, name in enumerate(house.songs):
            if fold(name) in folded:
                problems.append(locate(("songs", index), again(folded[fold(name)])))
            folded[fold(name)] = name
    if problems:
        raise InvalidFileError(problems)
    return HouseRules(house, data, locate)


def check_config(file: str) -> None:
    """What Snakemake would stumble over in config.yaml before we are asked: its YAML, and `pathvars`."""
    document = yaml.load(file, yaml.SNAKEMAKE_LOADER)
    problems: list[Problem] = []
    if "pathvars" in document.data:
        validated(
            House, {"songs": ["any"], "pathvars": document.data["pathvars"]}, document.problem, problems
        )
    if problems:
        raise InvalidFileError(problems)


def merge(base: Any, over: Any) -> Any:
    """`over` upon `base`, key by key; anything but two mappings is replaced."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in over.items()}}


def validated(model: type[BaseModel], data: Mapping, locate: Locate, problems: list[Problem]) -> Any:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [locate(path, message) for path, message in describe_errors(error, model)]
        return None


def again(name: str) -> str:
    return f"is {name} again: names that differ only in case are one file on many systems"
