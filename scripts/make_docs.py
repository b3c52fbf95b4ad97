"""Write the JSON Schemas and the page docs/reference.md, which are generated from the declarations of keys.

With --check nothing is written: the differences are printed, and the exit code is 1 if there are any.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from stemwright.delivery import profiles
from stemwright.gates import Gate
from stemwright.gates._base import AUDIO_STAGES, WHOLE_AUDIO
from stemwright.gates._loudness import format_tolerance
from stemwright.mixing import loudness_targets
from stemwright.mixing.levels import FoundLevel
from stemwright.music import automation
from stemwright.music.pitch import parse_note
from stemwright.music.timeline import parse_beat, parse_bpm, parse_key, parse_time_signature, values
from stemwright.song import album, changes, dataset, delivery, entries, listed, metadata, strips, versions
from stemwright.song import model as song
from stemwright.validation import registry
from stemwright.validation.choice import Choice
from stemwright.validation.fields import Configurable, Field, declarations
from stemwright.validation.names import parse_name

ROOT = Path(__file__).resolve().parent.parent
HOUSE_PARTS = (
    listed.SongTable,
    song.Session,
    delivery.Delivery,
    delivery.FurtherDelivery,
    delivery.DeliveredStems,
    delivery.FileNames,
    metadata.CommonMetadata,
    metadata.SongMetadata,
    metadata.DeliveredMetadata,
    song.Pathvars,
)
SONG_PARTS = (
    song.Section,
    song.Change,
    changes.TempoRamp,
    song.Reference,
    song.Compare,
    strips.Stem,
    strips.Bus,
    FoundLevel,
    strips.Send,
    song.Master,
    song.Target,
    versions.Version,
)
ALBUM_PARTS = (album.AlbumTrack, album.AlbumDelivery, album.TrackNames)
DATASET_PARTS = (dataset.Splits, dataset.DatasetDelivery, dataset.TrackIds)
SOURCE, EFFECT = get_args(entries.SourceEntry)[0], get_args(entries.EffectEntry)[0]
KINDS_OF = ("sources", "instruments", "parts", "effects", "bands", "edits", "gates")
ROOM_OF = {"parts": "music.parts", "bands": "effects.bands", "edits": "sources.edits"}
TYPES = {bool: "true/false", int: "whole number", float: "number", str: "text", dict: "keys and values"}
TYPES |= {SOURCE: "[source](#sources)", EFFECT: "[effect](#effects)", entries.Gates: "[gates](#gates)"}
PARSED = {
    "str": "text",
    "preset": "[preset](#presets)",
    "duration": "length",
    "bpm": "tempo",
    "beat": "note",
    "musical length": "length",
    "clock": "length in seconds",
    "placeholders": "text",
    "step": "note length",
    "reach": "seconds",
}
EXPLAINED = (parse_bpm, parse_time_signature, parse_beat, parse_key, parse_note, parse_name)

INTRO = """\
<!-- Written by `make docs` from the code: change it there. -->
# All keys

All keys of [`config.yaml`](#configyaml), of [a song](#a-song), of [an album](#an-album) and of [a dataset](#a-dataset),
with its [sources](#sources), [instruments](#instruments), [parts](#parts), [effects](#effects) and [gates](#gates). Any
other key is an error. A key without a default may be left out. A song overrides the house rules of `config.yaml` key by
key, and a stem overrides the gates of its song. In place of many numbers, an [automation](#automation) may be written.

## How values are written"""

INSTRUMENTS = "An instrument of the source [`play`](#source-play): a kind, and its keys."
PARTS = """\
What the source [`play`](#source-play) plays in a section: a kind, and its keys. The value of its main key may be
written alone, as in `degrees: 1 . 5 .`. A pattern is repeated to fill its section. The key and `transpose` of a section
apply to degrees and chords, not to notes given by name or from a file. A mistake is reported with its bar and beat,
counted from the start of the section."""
AUTOMATION = """\
What may be written in place of a number that moves: points, an LFO, or both. Every point is a place in the song, a
value, and how the value is reached from the point before. An LFO is added to a value, or to points.

```yaml
effects:
  - gain:
      gain_db:
        - {at: bar 1, value: -60}
        - {at: chorus, value: 0, curve: exponential}
        - {at: bar 17 beat 3, value: -6, curve: step}
  - lowpass:
      cutoff_hz: {value: 2000, lfo: {length: 2 bars, depth: 1500}}
```
"""
BANDS = "A band of the effect [`eq`](#effect-eq): a kind, and its keys."
EDITS = """\
An edit of the source [`audio`](#source-audio): a kind, and its keys. Positions are those of the original recording:
times of its file, or positions of the song where it stands. Two edits of one part are a mistake."""
GATES_EXAMPLE = "```yaml\ngates:\n  silence: {floor_dbfs: -60}\n  clipping: false\n```"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if anything differs")
    check = parser.parse_args(arguments).check
    stale = False
    for name, new in documents().items():
        path = ROOT / name
        old = path.read_text("utf-8") if path.exists() else ""
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(new, "utf-8")
        elif old != new:
            stale = True
            diff = difflib.unified_diff(old.splitlines(), new.splitlines(), name, "the code", lineterm="")
            print(f"{name} is not up to date: run make docs", *diff, sep="\n")
    return int(stale)


def documents() -> dict[str, str]:
    """The text of every generated file, by its path relative to the root."""
    return {
        "schema/config.schema.json": schema(song.House, "The house rules of Stemwright"),
        "schema/song.schema.json": schema(song.Song, "A song of Stemwright"),
        "schema/album.schema.json": schema(album.Album, "An album of Stemwright"),
        "schema/dataset.schema.json": schema(dataset.Dataset, "A dataset of Stemwright"),
        "docs/reference.md": "\n\n".join(filter(None, reference())) + "\n",
    }


def schema(model: type[BaseModel], title: str) -> str:
    """The JSON Schema of a model, without titles and defaults that are of no use in an editor."""
    return json.dumps({"title": title, **_tidy(song.json_schema(model))}, indent=2, ensure_ascii=False) + "\n"


def _tidy(node: object) -> object:
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {name: _tidy(value) for name, value in node.items()}
    if isinstance(tidy.get("title"), str):
        del tidy["title"]  # made by pydantic from the name of the key
    if "default" in tidy and isinstance(tidy["default"], dict | list | None):
        del tidy["default"]
    if isinstance(tidy.get("description"), str):
        tidy["description"] = " ".join(tidy["description"].split("\n\n")[0].split())
    about = [option["description"] for option in tidy.get("anyOf", []) if "description" in option]
    return {"description": about[0], **tidy} if about else tidy  # describes the key, for completion


def reference() -> Iterator[str]:
    """Yield the headings, paragraphs and tables of docs/reference.md."""
    about_time = re.split(r"(?<=\.)\s+(?=[A-Z])", values.__doc__.split("\n\n")[1])
    yield from (INTRO, " ".join(sentence for sentence in about_time if "ValueError" not in sentence))
    yield _rows(
        ("Type", "How it is written"), [(_parser_name(parse), _expected(parse)) for parse in EXPLAINED]
    )
    for title, model, parts in (
        ("config.yaml", song.House, HOUSE_PARTS),
        ("A song", song.Song, SONG_PARTS),
        ("An album", album.Album, ALBUM_PARTS),
        ("A dataset", dataset.Dataset, DATASET_PARTS),
    ):
        yield from (f"## {title}", _doc(model), _table(model))
        for part in parts:
            shared = len(delivery.Files.model_fields) if part is delivery.FurtherDelivery else 0
            yield from (f"### {_title(part)}", *_paragraphs(part), _table(part, shared))
            if part is song.Target:
                yield from _presets()
            if part is delivery.FurtherDelivery:
                yield from _profiles()
    yield from _kinds("Sources", _doc(SOURCE), "source:\n  ")
    yield from _kinds("Instruments", INSTRUMENTS, "instrument:\n  ")
    yield from _kinds("Parts", PARTS, "parts:\n  verse:\n    ")
    yield from _kinds("Effects", _doc(EFFECT), "effects:\n  - ")
    yield from ("## Automation", AUTOMATION.strip(), *list(_paragraphs(automation))[-1:])
    for cls in (automation.Point, automation.Modulated, automation.Lfo):
        yield from (f"### {_title(cls)}", *_paragraphs(cls), _table(cls))
    yield from _kinds("Bands", BANDS, "bands:\n  - ")
    yield from _kinds("Edits", EDITS, "edits:\n  - ")
    yield from _gates()


def _kinds(title: str, about: str, head: str) -> Iterator[str]:
    yield from (f"## {title}", about)
    package = f"stemwright.{ROOM_OF.get(title.lower(), title.lower())}"
    within: dict[type, None] = {}
    for kind in registry.kinds(package):
        cls = registry.load(package, kind)
        example = f"```yaml\n{head}{kind}: {cls.example}\n```".replace(": \n", ":\n")
        yield from (f"### {_title(cls)}", *_paragraphs(cls), _table(cls), example)
        within |= dict.fromkeys(_within(cls))
    for cls in within:
        yield from (f"### {_title(cls)}", _doc(cls), _table(cls))


def _within(cls: type) -> Iterator[type]:
    """Yield the classes whose keys are nested in those of a class."""
    todo = list(get_type_hints(cls, include_extras=True).values())
    while todo:
        hint = todo.pop(0)
        if isinstance(hint, type) and issubclass(hint, Configurable):
            yield hint
            yield from _within(hint)
        todo += get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)


def _gates() -> Iterator[str]:
    common = len(fields(Gate))
    rows, parts = [], []
    for kind, cls in registry.classes("stemwright.gates").items():
        delivered = "delivered" if cls.stems_too else "delivered master"
        files = ", ".join(delivered if file == "delivered" else file for file in cls.stages)
        files = {AUDIO_STAGES: "all audio", WHOLE_AUDIO: "all audio but windows"}.get(
            tuple(cls.stages), files
        )
        rows.append((f"[`{kind}`](#gate-{kind})", files, f"`{cls.severity}`", _doc(cls)))
        parts += [f"### {_title(cls)}", *_paragraphs(cls)]
        parts += [_table(cls, common)] if len(fields(cls)) > common else []
        parts.append(f"```yaml\ngates:\n  {kind}: {cls.example}\n```")
    overview = _rows(("Gate", "Checks", "Severity", "What must hold"), rows)
    yield from ("## Gates", _doc(song.Gates), GATES_EXAMPLE, overview)
    yield from ("Every gate has this key:", _table(Gate), *parts)


def _presets() -> Iterator[str]:
    """Yield the heading and the table of loudness presets."""
    yield from ("### Presets", " ".join(loudness_targets.__doc__.split("\n\n")[1].split()))
    rows = []
    for name, preset in loudness_targets.LOUDNESS_TARGETS.items():
        target = loudness_targets.limits(name, None, None, None)
        loudness = format_tolerance(target) if "integrated_lufs" in target else ""
        peak = f"{preset.max_true_peak_dbtp:g}" if preset.max_true_peak_dbtp is not None else ""
        besides = [
            words.format(target[key])
            for key, words in _BESIDES.items()
            if target.get(key) not in (None, False)
        ]
        missing = "refuses" if preset.severity == "error" else "warns"
        rows.append((f"`{name}`", preset.about, loudness, peak, ", ".join(besides), missing, preset.source))
    yield _rows(("Preset", "For", "LUFS", "dBTP", "Besides", "Missing it", "Source"), rows)


def _profiles() -> Iterator[str]:
    """Yield the heading and the table of delivery profiles."""
    yield "### Profiles"
    yield "A profile sets keys of a delivery; what is written there overrides it."
    rows = [
        (f"`{name}`", profiles.about(name), f"`{json.dumps(profiles.keys(name))}`") for name in profiles.NAMES
    ]
    yield _rows(("Profile", "For", "Keys"), rows)


_BESIDES = {
    "max_short_term_lufs": "short-term up to {:g} LUFS",
    "max_range_lu": "loudness range up to {:g} LU",
    "dialogue": "for dialogue: where stems with `dialogue: true` speak; without any, it always warns",
    "min_rms_dbfs": "RMS from {:g} dBFS",
    "max_rms_dbfs": "RMS up to {:g} dBFS",
    "max_peak_dbfs": "sample peak up to {:g} dBFS",
    "max_noise_floor_dbfs": "noise floor up to {:g} dBFS",
    "min_head_s": "room tone of at least {:g} s before speech",
    "max_head_s": "and at most {:g} s",
    "min_tail_s": "of at least {:g} s after it",
    "max_tail_s": "and at most {:g} s",
}


def _table(cls: type, first: int = 0) -> str:
    """The table of the keys of a model or dataclass, starting with number `first`."""
    rows = []
    hints = get_type_hints(cls, include_extras=True)
    for name, parameter in list(signature(cls).parameters.items())[first:]:
        outer, *inner = declarations(hints[name])
        words = [outer.help, *(key.help for key in inner if key.parse and key.parse not in EXPLAINED)]
        unit = "".join(key.unit for key in (outer, *inner))
        kind = _type(hints[name])
        kind += ", or [automation](#automation)" if outer.automatable else ""
        about = kind, _range(kind, outer, *inner), unit, _format_default(parameter.default), " ".join(words)
        rows.append((f"`{name}`", *about))
    return _rows(("Key", "Type", "Range", "Unit", "Default", "What it is"), rows)


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, without its empty columns."""
    columns = [(title, "---", *column) for title, *column in zip(head, *rows, strict=True) if any(column)]
    lines = (" | ".join(cell.replace("|", "&#124;") for cell in row) for row in zip(*columns, strict=True))
    return "\n".join(f"| {line} |" for line in lines)


def _type(hint: object) -> str:
    """The type of a key as shown in the reference."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        for kinds in (part for part in args[1:] if isinstance(part, Choice)):
            title = kinds.package.rpartition(".")[2]
            return f"[{title[:-1]}](#{title})"
        parse = next((part.parse for part in args[1:] if isinstance(part, Field)), None)
        return _parser_name(parse) if parse else _type(args[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in args)
    if origin is list:
        return f"list of {_plural(_type(args[0]))}"
    if origin is dict:
        return f"{_plural(_type(args[1]))} by {_type(args[0]).replace('text', 'name')}"
    if args:
        return " or ".join(_type(each) for each in args if each is not NoneType)
    words = "" if hint in TYPES else _title(hint).replace("`", "").lower()
    return TYPES.get(hint, f"[{words}](#{words.replace(' ', '-')})")


def _plural(phrase: str) -> str:
    if phrase.startswith("list of "):
        return f"lists{phrase.removeprefix('list')}"
    return phrase if " by " in phrase else f"{phrase}s"


def _parser_name(parse: Callable) -> str:
    name = parse.__name__.strip("_").removeprefix("parse_").replace("_", " ")
    return PARSED.get(name, name)


def _expected(parse: Callable) -> str:
    """What a parser expects, taken from its error message."""
    try:
        return str(parse(""))
    except ValueError as error:
        return re.sub(r"^must be (an? [\w ]+ such as )?| \(is ''\)$", "", str(error))


def _range(kind: str, *keys: Field) -> str:
    for key in keys:
        low = f"{key.ge:.15g}" if key.ge is not None else f"above {key.gt:.15g}" if key.gt is not None else ""
        if low:
            return f"{low} or more" if key.le is None else f"{low} to {key.le:.15g}"
        if key.max_length and key.max_length > 1:
            what = "entries" if kind.startswith("list of ") else "characters"
            return f"{key.min_length} to {key.max_length} {what}".removeprefix(f"{key.max_length} to ")
    return ""


def _format_default(default: object) -> str:
    if default is Parameter.empty:
        return "**required**"
    text = json.dumps(default).removesuffix(".0") if isinstance(default, int | float) else default
    return f"`{text}`" if isinstance(text, str) and text else ""


def _title(cls: type) -> str:
    """The heading of a class, such as Effect `lowpass`, or File names."""
    *_, package, kind = cls.__module__.split(".")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cls.__name__).capitalize()
    is_kind = package in KINDS_OF and cls.__name__ == "".join(word.capitalize() for word in kind.split("_"))
    return f"{package.capitalize()[:-1]} `{kind}`" if is_kind else words


def _doc(cls: type) -> str:
    """The first paragraph of a docstring."""
    return next(_paragraphs(cls))


def _paragraphs(cls: type) -> Iterator[str]:
    """The paragraphs of a docstring, each in one line."""
    return (" ".join(paragraph.split()) for paragraph in cls.__doc__.split("\n\n"))


if __name__ == "__main__":
    sys.exit(main())
