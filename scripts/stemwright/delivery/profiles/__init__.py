"""Profiles: what a kind of recipient expects, as defaults of a delivery's keys. Each is a YAML file in this folder.

A new profile is one file here. Its keys are those of an entry of `deliveries`; its first comment says what it is for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from stemwright.validation.problems import did_you_mean

_FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))
"""The names of the profiles."""


def parse_profile(text: object) -> str:
    """The name of a profile. Raises ValueError with the known names."""
    if text not in NAMES:
        raise ValueError(f"must be a profile: {', '.join(NAMES)} (is {text!r}){did_you_mean(text, NAMES)}")
    return str(text)


@cache
def keys(name: str) -> dict:
    """The keys that a profile sets. Raises InvalidFileError if its file is not YAML."""
    from stemwright.validation import yaml

    return yaml.load(str(_FOLDER / f"{name}.yaml")).data


def about(name: str) -> str:
    """What a profile is for: the first comment of its file."""
    return (_FOLDER / f"{name}.yaml").read_text().splitlines()[0].removeprefix("# ")
