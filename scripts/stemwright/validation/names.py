"""Names that become file names, and are therefore treated as hostile."""

from __future__ import annotations

import os
import re
import unicodedata

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_BIDI_CONTROLS = frozenset(
    ["LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"]
)  # Unicode's bidirectional classes
_FILE = re.compile(r"[A-Za-z0-9_(\[][A-Za-z0-9 _.,+#&()\[\]-]{0,119}")
# Device names of Windows, which a client may unpack on: forbidden there with any ending.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}


def parse_name(text: object) -> str:
    """A song's, stem's or section's name: letters, digits, - and _, not first a -, at most 64."""
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise ValueError(
            "must be letters, digits, - and _ only, at most 64, not beginning with - "
            f"(is {text!r:.80}{_describe_non_ascii(text)})"
        )
    if text.lower() in _RESERVED:
        raise ValueError(f"is a name that some systems reserve for a device (is {text!r})")
    return text


def parse_line(text: object) -> str:
    """A line of text for people."""
    return _parse_printable(text, "")


def parse_text(text: object) -> str:
    """Text for people, of several lines perhaps."""
    return _parse_printable(text, "\n\t")


def _parse_printable(text: object, allowed: str) -> str:
    """Text that is not blank, without signs that control a terminal or turn the direction of writing."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"must be text, and not empty (is {text!r})")
    for sign in text:
        turns = unicodedata.bidirectional(sign) in _BIDI_CONTROLS
        if sign not in allowed and (turns or unicodedata.category(sign) in ("Cc", "Zl", "Zp")):
            raise ValueError(f"must be text without control characters (has {sign!r})")
    return text


def _describe_non_ascii(text: object) -> str:
    """The first letter that is not plain ASCII, named: many look just like one that is."""
    sign = next((c for c in str(text) if not c.isascii()), None)
    return f", with {unicodedata.name(sign, repr(sign))}" if sign else ""


def parse_file_name(text: str) -> str:
    """A delivered file's name, without folder: plain letters, digits, spaces and .,+#&()[]-_, at most 120."""
    if text.split(".")[0].strip().lower() in _RESERVED:
        raise ValueError(f"gives {text!r:.140}, a name that some systems reserve for a device")
    if not _FILE.fullmatch(text) or text.endswith((" ", ".")):
        raise ValueError(
            f"gives {text!r:.140}{_describe_non_ascii(text)}, no safe file name: at most 120 letters, digits, spaces "
            "and . , + # & ( ) [ ] - _, beginning with a letter, a digit, ( [ or _"
        )
    return text


def parse_folder(text: object) -> str:
    """The path of a folder to write to, in its plainest spelling: the paths of all targets begin with it."""
    if (
        not isinstance(text, str)
        or not text.isprintable()
        or set(text) & set("{}<>*?")
        or text[:1] in ("-", "~")
    ):
        raise ValueError(
            f"must be the path of a folder, without {{}} <> * ?, not beginning with - or ~ (is {text!r:.140})"
        )
    if (plain := os.path.normpath(text)) in (".", "/"):
        raise ValueError(f"must be a folder of its own (is {text!r:.140})")
    if plain != text:
        raise ValueError(f"must be spelt plainly: {plain} (is {text!r:.140})")
    return text


def same_file(a: str, b: str) -> bool:
    """Whether two names meet on a file system that ignores case or normalises Unicode."""
    return fold(a) == fold(b)


def fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
