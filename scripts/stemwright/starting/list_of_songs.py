"""The list `songs` in the text of a config file: a name is added to it, and every other byte stays as it is."""

from __future__ import annotations

import yaml

from stemwright.base.errors import StemwrightError
from stemwright.validation.yaml import quoted, read_config, scalar

_KEY = "songs"


def with_song(text: str, name: str, file: str) -> str | None:
    """The text with a name more in `songs`.

    Parameters
    ----------
    text : str
        A config file: YAML, or JSON.
    name : str
        The name of the song.
    file : str
        The name of the file, for messages.

    Returns
    -------
    str or None
        None if it is not written so that a line or a word more does it: then it would be read otherwise.

    Raises
    ------
    InvalidFileError
        If the text is no config file.
    """
    document, theirs = read_config(text, file)
    expected = [{**data, _KEY: [*(data.get(_KEY) or []), name]} for data in (document.data, theirs)]
    new = _inserted(text, name)
    try:
        document, theirs = read_config(new, file)
    except StemwrightError:
        return None
    return new if [document.data, theirs] == expected else None


def _inserted(text: str, name: str) -> str:
    """The text with a name after the last of the list; as it is, if there is no list."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # which PyYAML does not count
    body = text.removeprefix("\ufeff")
    root = yaml.compose(body, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    key, songs = next(((key, value) for key, value in pairs if key.value == _KEY), (None, None))
    if key is None or songs is None:
        return text
    end = "\r\n" if "\r\n" in body else "\n"
    items = songs.value if isinstance(songs, yaml.SequenceNode) else []
    name = quoted(name) if items and getattr(items[-1], "style", "") == '"' else scalar(name)  # as in JSON
    if isinstance(songs, yaml.SequenceNode) and songs.flow_style:
        at = items[-1].end_mark.index if items else songs.start_mark.index + 1
        return mark + body[:at] + (", " if items else "") + name + body[at:]
    if items:
        last, column = _end(items[-1]), songs.start_mark.column
    elif isinstance(songs, yaml.ScalarNode) and songs.value == "":
        last, column = key.end_mark, key.start_mark.column + 2
    else:
        return text
    line_end = body.find("\n", last.index)
    at = len(body) if line_end < 0 else line_end + 1
    before = "" if line_end >= 0 else end
    return mark + body[:at] + before + " " * column + f"- {name}{end}" + body[at:]


def _end(node: yaml.Node) -> yaml.Mark:
    """Where a node ends; of keys and values on lines of their own, the last of them: PyYAML has the next line there."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return node.end_mark
