"""What is printed cannot do anything to a terminal."""

import sys
import unicodedata

import pytest

from stemwright.base.errors import StemwrightError
from stemwright.base.printable import printable, printable_lines

HARMLESS = ["", "a.wav", "Straße 7 – Ünïcode.wav", "音楽.wav", "😀", "♯♭", "a\\b 'c' \"d\""]
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
"""Unicode's bidirectional formatting characters (UAX #9, section 2)."""


@pytest.mark.parametrize("text", HARMLESS)
def test_text_that_a_person_can_read_stays_as_it_is(text):
    assert printable(text) == printable_lines(text) == text


def test_no_control_character_of_unicode_is_left():
    """Every C0 and C1 control, bidirectional control, line and paragraph separator and surrogate."""
    for code in range(sys.maxunicode + 1):
        sign = chr(code)
        if sign in BIDI or unicodedata.category(sign) in ("Cc", "Cs", "Cf", "Zl", "Zp"):
            shown = printable(f"a{sign}b")
            assert shown.isascii() and shown.isprintable() and len(shown) > 3, hex(code)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2J", r"\x9b2J"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a.wav: passed\nb.wav", r"a.wav: passed\nb.wav"),
        ("gpj.\u202evaw", r"gpj.\u202evaw"),
        ("\udcff.wav", r"\udcff.wav"),
    ],
)
def test_what_is_not_printable_is_escaped(text, shown):
    assert printable(text) == shown


def test_lines_and_tabs_stay_where_there_may_be_several_lines():
    assert printable_lines("a\tb\n\x1b[2Kc\r\nd\re\x0c") == "a\tb\n\\x1b[2Kc\nd\ne\\x0c"


def test_an_error_says_its_text_escaped():
    assert str(StemwrightError("\x1b[31m.wav: is missing\nNothing was built.")) == (
        "\\x1b[31m.wav: is missing\nNothing was built."
    )
