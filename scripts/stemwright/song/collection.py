"""Documents of several songs, albums and datasets: their YAML is read with the house rules as its defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pydantic import BaseModel

from stemwright.song.delivery_format import DeliveryFormat
from stemwright.song.house import HouseRules, Locate, validate
from stemwright.validation import yaml
from stemwright.validation.merged import has_same, merge
from stemwright.validation.problems import InvalidFileError, Problem

FORMAT_KEYS = tuple(DeliveryFormat.model_fields)
"""The keys of the format, which the house rules have too."""

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True)
class ReadCollection(Generic[ModelT]):
    """An album or a dataset that is valid by itself; `locate` makes a problem of one of its keys."""

    name: str
    document: ModelT
    locate: Locate

    def of_song(self, song: str, path: tuple, message: str) -> Problem:
        """A problem of one of its keys that a song gives it. Where several songs do, it is told once.

        Parameters
        ----------
        song : str
            The song's name.
        path : tuple
            The path of the key in the collection's file.
        message : str
            What is wrong, and the remedy.
        """
        return replace(self.locate(path, message), song=song)


def read_collection(
    model: type[ModelT],
    name: str,
    rules: HouseRules,
    file: str,
    mistakes: Callable[[ModelT], Iterator[tuple[tuple, str]]],
) -> ReadCollection[ModelT]:
    """Read an album or a dataset by itself.

    Parameters
    ----------
    model : type
        Its model, with keys `gates` and `delivery`.
    name : str
        Its name.
    rules : HouseRules
        The house rules: their gates and the format of deliveries are its defaults.
    file : str
        The path of its YAML file.
    mistakes : callable
        Yields the path of a key and a message for each mistake that can be seen without its songs.

    Returns
    -------
    ReadCollection

    Raises
    ------
    InvalidFileError
        With all its problems.
    """
    document = yaml.load(file)
    house = {
        "gates": rules.data.get("gates", {}),
        "delivery": {k: v for k, v in rules.data.get("delivery", {}).items() if k in FORMAT_KEYS},
    }
    data = {**document.data, **{key: merge(house[key], document.data.get(key, {})) for key in house}}

    def locate(path: tuple, message: str) -> Problem:
        if path[:1] and path[0] in house and path not in document.lines and has_same(rules.data, path, data):
            return rules.locate(path, f"{message} (in {file})")
        return document.problem(path, message)

    problems: list[Problem] = []
    read = validate(model, data, locate, problems)
    if read is None:
        raise InvalidFileError(problems)
    problems += [locate(path, message) for path, message in mistakes(read)]
    if problems:
        raise InvalidFileError(problems)
    return ReadCollection(name, read, locate)
