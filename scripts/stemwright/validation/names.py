"""Validation of names and texts that become file names or are shown to people. Input is treated as hostile."""

from __future__ import annotations

import os
import re
import unicodedata

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_BIDI_CONTROLS = frozenset(
    ["LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"]
)  # Unicode's bidirectional classes
_IN_FILE_NAMES = frozenset(" _.,+#&()[]'!-")  # besides letters and digits
_FIRST_IN_FILE_NAMES = frozenset("_(['")
_LONGEST_SONG = 200  # with its folders: paths of build/ are longer than it, and Windows holds 260 characters
_LONGEST_NAME, _LONGEST_NAME_BYTES = (
    120,
    200,
)  # file systems hold 255 bytes; temporary files have longer names
# Letters that Unicode does not decompose, and punctuation, as ASCII has them.
_IN_ASCII = str.maketrans(
    {
        **{
            "ß": "ss",
            "ẞ": "SS",
            "æ": "ae",
            "Æ": "AE",
            "œ": "oe",
            "Œ": "OE",
            "ø": "o",
            "Ø": "O",
            "đ": "d",
            "Đ": "D",
        },
        **{"ł": "l", "Ł": "L", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ħ": "h", "Ħ": "H"},
        **{
            **dict.fromkeys("’‘‚′“”„", "'"),
            **dict.fromkeys("–—‐‑−", "-"),
            "♭": "b",
            "♯": "#",
            "×": "x",
            "·": "-",
        },
    }
)
# Device names of Windows, where clients may unpack a delivery: forbidden there with any file ending.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}


def parse_name(text: object) -> str:
    """The name of a song, stem or section: 1 to 64 letters, digits, - and _, not beginning with -.

    Raises ValueError for anything else, and for device names such as CON.
    """
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise ValueError(
            "must be letters, digits, - and _ only, at most 64, not beginning with - "
            f"(is {text!r:.80}{_describe_non_ascii(text)})"
        )
    if text.lower() in _RESERVED:
        raise ValueError(f"is a name that some systems reserve for a device (is {text!r})")
    return text


def parse_song_name(text: object) -> str:
    """The name of a song: that of its file below `songs/`, perhaps in folders, such as `rock/blue`.

    Each part is a name as `parse_name` reads it. Raises ValueError for anything else.
    """
    if not isinstance(text, str) or "/" not in text:
        return parse_name(text)
    parts = text.split("/")
    if len(text) > _LONGEST_SONG:
        raise ValueError(f"must have at most {_LONGEST_SONG} characters (is {text!r:.80})")
    for part in parts:
        try:
            parse_name(part)
        except ValueError as error:
            if not part:
                raise ValueError(f"must have a name before and after each / (is {text!r:.80})") from None
            raise ValueError(f"{error} in {text!r:.80}") from None
    return text


def last_part(song: str) -> str:
    """What a song is called in the names of its files: its name without folders."""
    return song.rpartition("/")[2]


def parse_line(text: object) -> str:
    """One line of text. Raises ValueError if it is blank or has control characters."""
    return _parse_printable(text, "")


def parse_text(text: object) -> str:
    """Text that may have line breaks and tabs. Raises ValueError if it is blank or has other control characters."""
    return _parse_printable(text, "\n\t")


def _parse_printable(text: object, allowed: str) -> str:
    """Text that is not blank and has no control or bidirectional formatting characters but those `allowed`."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"must be text, and not empty (is {text!r})")
    if sign := find_control(text, allowed):
        raise ValueError(f"must be text without control characters (has {sign!r})")
    return text


def find_control(text: str, allowed: str = "") -> str:
    """The first control, separator, bidirectional formatting character, surrogate or noncharacter, or "".

    Those `allowed` do not count. Noncharacters, such as U+FFFF, may not be in XML.
    """
    for sign in text:
        turns = unicodedata.bidirectional(sign) in _BIDI_CONTROLS
        is_none = ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
        bad = turns or is_none or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
        if bad and sign not in allowed:
            return sign
    return ""


def _describe_non_ascii(text: object) -> str:
    """The Unicode name of the first character that is not ASCII: many look exactly like one that is."""
    sign = next((c for c in str(text) if not c.isascii()), None)
    return f", with {unicodedata.name(sign, repr(sign))}" if sign else ""


def parse_file_name(text: str) -> str:
    """The name of a delivered file in Unicode's composed form (NFC), safe on every system. Raises ValueError.

    Letters, digits and signs of all scripts are allowed, but of those that are or may become ASCII only some.
    """
    text = unicodedata.normalize("NFC", text)
    if is_device(text):
        raise ValueError(f"gives {text!r:.140}, a name that some systems reserve for a device")
    wrong = next((sign for sign in text if not _is_safe_in_file_names(sign)), "")
    first = text[:1]
    begins = first in _FIRST_IN_FILE_NAMES or first.isalnum() or (not first.isascii() and not _is_mark(first))
    is_long = len(text) > _LONGEST_NAME or len(text.encode(errors="replace")) > _LONGEST_NAME_BYTES
    if wrong or not begins or is_long or text.endswith((" ", ".")):
        sign = _describe_non_ascii(wrong) or (f", with {wrong}" if wrong else "")
        raise ValueError(
            f"gives {text!r:.140}{sign}, not a safe file name: at most {_LONGEST_NAME} letters "
            f"({_LONGEST_NAME_BYTES} bytes), digits, spaces and . , + # & ' ! ( ) [ ] - _, beginning with a letter, "
            "a digit, ( [ ' or _"
        )
    return text


def is_device(name: str) -> bool:
    """Whether a file name is that of a device on some systems, with any ending."""
    return unicodedata.normalize("NFKC", name).split(".")[0].strip().lower() in _RESERVED


def _is_safe_in_file_names(sign: str) -> bool:
    """Whether a sign, and what systems may make of it (NFKC: of a full-width slash, a slash), is safe."""
    if not sign.isprintable() or unicodedata.bidirectional(sign) in _BIDI_CONTROLS:
        return False
    return all(c.isalnum() or c in _IN_FILE_NAMES for c in unicodedata.normalize("NFKC", sign) if c.isascii())


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign).startswith("M")


def in_ascii(text: str) -> str:
    """Text with every Latin letter and usual punctuation in ASCII: é as e, ß as ss, ’ as '. The rest stays."""
    text = unicodedata.normalize("NFKD", text.translate(_IN_ASCII))
    return unicodedata.normalize("NFC", "".join(sign for sign in text if unicodedata.category(sign) != "Mn"))


def parse_folder(text: object) -> str:
    """The path of an output folder, in normalised spelling, since the paths of all targets begin with it.

    Raises ValueError for another spelling, with the normalised one, and for paths that Snakemake cannot use.
    """
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
        raise ValueError(f"must be written as {plain} (is {text!r:.140})")
    return text


def fold(name: str) -> str:
    """A form that is equal for names that are one file where case is ignored or Unicode normalised (NFC)."""
    return unicodedata.normalize("NFC", name).casefold()


def describe_repeat(name: str) -> str:
    """The message for a name that is equal to `name` if case is ignored."""
    return f"repeats {name}: names that differ only in case are one file on many systems"
