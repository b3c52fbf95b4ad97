"""Rendering of songs as YAML: Jinja2 templates in which every value from outside is quoted where it must be."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from stemwright.base.printable import printable
from stemwright.validation.yaml import scalar


def render(template: str, content: Mapping[str, Any]) -> str:
    """The YAML of a song.

    Parameters
    ----------
    template : str
        The name of a file in `templates/`. There, `|yaml` makes a value of a text, `|comment` a part of a comment.
    content : mapping
        What its variables stand for. A variable that is missing is an error.

    Returns
    -------
    str
    """
    environment = Environment(
        loader=FunctionLoader(lambda name: (_folder() / "templates" / name).read_text(encoding="utf-8")),
        autoescape=False,  # there is no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"yaml": scalar, "comment": printable}
    return environment.get_template(template).render(content)


def style_names() -> list[str]:
    """The names of all styles: of the files in `styles/`."""
    found = (entry.name for entry in (_folder() / "styles").iterdir())
    return sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml"))


def read_style(name: str) -> str:
    """The text of a style's file."""
    return (_folder() / "styles" / f"{name}.yaml").read_text(encoding="utf-8")


def _folder() -> Any:
    return files("stemwright.starting")
