"""What a delivered file says about itself: tags, markers, a broadcaster's fields; one file a container.

Each module that is no helper is a file ending. Its `write(path, metadata)` adds to a file that
an encoder has written, and leaves its samples as they are.
Which tag is called what in which container: MusicBrainz Picard's table (picard-docs.musicbrainz.org, appendix B).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from stemwright.delivery.metadata._base import Metadata
from stemwright.delivery.metadata._cover import read_cover

_MODULES = {"AAC": "m4a", "ALAC": "m4a"}


def module_of(container: str) -> str:
    """The module that writes to a container such as `MP3`, by its full name."""
    return f"{__name__}.{_MODULES.get(container, container.lower())}"


def write_metadata(
    path: str | os.PathLike, container: str, metadata: Mapping[str, Any], cover: str = ""
) -> None:
    """Write what a file says about itself into it. The samples stay as they are; the same data give the same bytes.

    Parameters
    ----------
    path : path-like
        The file, as its encoder has written it; whatever it is called.
    container : str
        Its format, as in `delivery.container`.
    metadata : mapping
        A `Metadata` as plain data; if it is empty, the file is left as it is.
    cover : str
        The path of its cover, or "".

    Raises
    ------
    StemwrightError
        If the cover is none.
    OSError
        If the file cannot be written.
    """
    if metadata:
        module = import_module(module_of(container))
        module.write(path, Metadata.from_dict(metadata, read_cover(cover) if cover else None))
