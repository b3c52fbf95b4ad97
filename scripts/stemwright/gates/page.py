"""Page: the page of a song is whole, needs nothing but its folder, and shows every track and every verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from stemwright.gates._base import Check, Gate, GateContext, Subject
from stemwright.gates._page import Page as Html
from stemwright.records.paths import artifact_of
from stemwright.records.sentinel import read_sentinel

if TYPE_CHECKING:
    from stemwright.graph import Artifact, Input
    from stemwright.song.loaded import LoadedSong

_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "html head meta link title style script body a header main nav footer section article div span p h1 h2 h3 "
        "ul ol li dl dt dd table caption thead tbody tr th td details summary button label select option input output "
        "fieldset legend dialog form noscript bdi b strong em small code kbd br",
    )
)
"""The elements of our templates: none that loads a picture, a frame or an object."""

_STYLE_LINK = re.compile(r"url\(\s*['\"]?(?!data:)|@import", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True)
class Page(Gate):
    """The page of a song parses, refers to nothing but the song's folder, and shows every track and every verdict.

    No text of the song became markup: there are no elements but ours, no attribute is a script, and the title, the
    artist and the titles of sections are shown as they are written.

    Source: our own. Remedy: delete the page and run again.
    """

    stages = ("report",)
    needs = "a song"
    example = "{severity: warn}"

    @classmethod
    def context(cls, song: LoadedSong, artifact: Artifact) -> GateContext:
        """What the page is to show: the files that were `judged`, `tracks`, `downloads` and the song's `texts`."""
        shown = [entry.artifact for entry in _verdicts(artifact)]
        document = song.document
        return {
            "judged": [each.file for each in shown],
            "tracks": [each.name for each in shown if each.stage == "preview"],
            "downloads": [each.file for each in shown if each.stage in ("delivered", "archive")],
            "texts": [document.title or song.name, document.artist, *song.section_titles],
        }

    @classmethod
    def inputs(cls, song: LoadedSong, artifact: Artifact) -> Mapping[str, Sequence[Input]]:
        """`verdicts`: the sentinels of all artifacts of the song."""
        return {"verdicts": _verdicts(artifact)}

    def judge(self, subject: Subject, meters: Sequence[Any]) -> list[Check]:
        text = Path(subject.path).read_text(encoding="utf-8", errors="replace")
        page = Html(text)
        found = {
            "parses": (page.faults, "every element is ended"),
            "markup": (_foreign(page, subject.context["texts"]), "elements of ours alone"),
            "links": (_strays(page, text, subject), "within the song's folder"),
            "tracks": (_missing(subject.context["tracks"], page.tracks), "every track"),
            "verdicts": (_missing(list(_judged(subject)), page.rows), "every check of every file"),
        }
        return [self._check(subject, f"page.{name}", *each) for name, each in found.items()]

    def _check(self, subject: Subject, name: str, faults: Sequence[object], limit: str) -> Check:
        """A check that finds no fault, or tells of the first."""
        reason = f"{faults[0]}" + (f", and {len(faults) - 1} more" if faults[1:] else "") if faults else ""
        status = self.failed() if faults else "pass"
        remedy = f"delete {subject.path} and run again"
        return Check(name, status, len(faults), "faults", f"= 0: {limit}", reason, remedy)


def _verdicts(artifact: Artifact) -> list[Any]:
    """The verdicts that the page is made of."""
    return list(artifact.inputs["verdicts"])


def _foreign(page: Html, texts: Sequence[str]) -> list[str]:
    """What in the page is not of our templates, and which of the song's texts are not there as they are written."""
    shown = _plain(page.text)
    lost = (each for each in texts if _plain(each) not in shown)
    found = [f"<{name}>" for name in sorted(page.elements - _ELEMENTS)] + page.handlers
    return found + [f"{each!r:.100} is not shown as it is written" for each in lost]


def _plain(text: str) -> str:
    """A text as a parser gives it: its line breaks are spaces."""
    return " ".join(text.split())


def _strays(page: Html, text: str, subject: Subject) -> list[str]:
    """The addresses that do not hold, or lead out of the song's folder."""
    allowed = {f"../{file}" for file in subject.context["downloads"]}
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    found = ["a style loads a file" for style in styles if _STYLE_LINK.search(style)]
    for link in page.links:
        if link.startswith("#"):
            found += [f"{link} is nowhere on the page"] * (link[1:] not in page.ids)
        elif link != "data:," and (_SCHEME.match(link) or unquote(link) not in allowed):
            found.append(link)
    return found


def _judged(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """File, check and verdict of all that the sentinels tell of."""
    for file, place in zip(subject.context["judged"], subject.inputs["verdicts"], strict=True):
        record = read_sentinel(artifact_of(place.removeprefix(subject.root)), subject.root)
        yield from ((file, check["id"], check["status"]) for check in record["checks"])


def _missing(wanted: Sequence[Any], found: Sequence[Any]) -> list[str]:
    """Which of what is wanted is not among what is found."""
    known = set(found)
    return [" ".join(each) if isinstance(each, tuple) else each for each in wanted if each not in known]
