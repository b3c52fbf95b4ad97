"""Rendering of pages: Jinja2 templates with their styles and scripts inlined, and data that scripts can read.

All that comes from songs, files and tags is hostile: templates escape it, and `script_json` makes of it what can
stand in a `<script>` element or in a `.js` file.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from stemwright.pages.files import read
from stemwright.pages.script_json import script_json


def render(template: str, content: Mapping[str, Any]) -> str:
    """The HTML of a page.

    Parameters
    ----------
    template : str
        The name of a file in `templates/`.
    content : mapping
        What its variables stand for. A variable that is missing is an error.

    Returns
    -------
    str
    """
    return _environment().get_template(template).render(content)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda name: read("templates", name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["asset"] = _asset
    environment.filters["script_json"] = script_json
    return environment


def _asset(name: str) -> Markup:
    """A style or a script of ours, to be inlined."""
    return Markup(read("assets", name))
