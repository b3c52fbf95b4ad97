"""Data as JSON that can stand in a script. Apart from `render`, so that jobs that write data alone import no Jinja2."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

_IN_SCRIPTS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def script_json(data: Any) -> Markup:
    """Data as JSON that can stand in a script: no text in it ends the script or begins markup.

    Raises ValueError for NaN and infinity, which JSON has not.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    for character, escape in _IN_SCRIPTS.items():
        text = text.replace(character, escape)
    return Markup(text)
