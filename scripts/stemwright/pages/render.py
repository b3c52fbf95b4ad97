"""Rendering of pages: Jinja2 templates with their styles and scripts inlined, and data that scripts can read.

All that comes from songs, files and tags is hostile: templates escape it, and `script_json` makes of it what can
stand in a `<script>` element or in a `.js` file.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from stemwright.pages.files import read

_IN_SCRIPTS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


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


def script_json(data: Any) -> Markup:
    """Data as JSON that can stand in a script: no text in it ends the script or begins markup.

    Raises ValueError for NaN and infinity, which JSON has not.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for character, escape in _IN_SCRIPTS.items():
        text = text.replace(character, escape)
    return Markup(text)


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

