"""What is in the HTML of a page: its elements, its links and its rows, as a browser would read them."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import TypeAlias

_EMPTY = {"meta", "link", "br", "input", "wbr", "hr"}
"""Elements without an end tag."""

_LINKS = {"href", "src", "srcset", "action", "data", "poster", "formaction"}

_Attributes: TypeAlias = Sequence[tuple[str, str | None]]


class Page(HTMLParser):
    """A page, read strictly: every element is ended where it should be.

    Attributes
    ----------
    faults : list of str
        What is not well-formed.
    elements : set of str
        The names of its elements.
    handlers : list of str
        Attributes that are scripts, such as `onerror`.
    links : list of str
        The addresses that it refers to.
    ids : set of str
        The ids of its elements.
    tracks : list of str
        The tracks that it shows.
    text : str
        What it says, outside of styles and scripts.
    rows : list of (str, str, str)
        File, check and verdict of each row in its table of checks.
    """

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.elements: set[str] = set()
        self.handlers: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.tracks: list[str] = []
        self.rows: list[tuple[str, str, str]] = []
        self._said: list[str] = []
        self._open: list[str] = []
        self._file = self._text = ""
        self.feed(text)
        self.close()
        self.text = "".join(self._said)
        self.faults += [f"<{name}> is not ended" for name in self._open]
        if "html" not in self.elements:
            self.faults.append("there is no <html>")

    def handle_starttag(self, tag: str, attributes: _Attributes) -> None:
        """An element begins."""
        self.elements.add(tag)
        values = {name: value or "" for name, value in attributes}
        self.handlers += [name for name in values if name.startswith("on")]
        self.links += [values[name] for name in _LINKS & set(values)]
        if "id" in values:
            self.ids.add(values["id"])
        if "data-track" in values:
            self.tracks.append(values["data-track"])
        if "data-status" in values:
            self.rows.append((self._file, "", values["data-status"]))
        if tag not in _EMPTY:
            self._open.append(tag)
            self._text = "" if tag in ("th", "bdi") else self._text

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if not self._open or self._open[-1] != tag:
            inside = f"in <{self._open[-1]}>" if self._open else "outside of all"
            self.faults.append(f"</{tag}> {inside}")
            return
        self._open.pop()
        if tag == "bdi" and self._open[-2:] == ["tr", "th"]:
            self._file = self._text
        elif tag == "th" and self.rows and not self.rows[-1][1]:
            self.rows[-1] = (self._file, self._text, self.rows[-1][2])

    def handle_data(self, data: str) -> None:
        """Text."""
        self._text += data
        if not {"style", "script"} & set(self._open[-1:]):
            self._said.append(data)
